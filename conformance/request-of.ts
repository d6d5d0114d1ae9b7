import type { Bench } from './bench.ts'
import type { Headers, Operation } from './target.ts'
import { exchange, getUrl, type HttpAnswer, type HttpRequest } from './wire/http.ts'
import type { WsRequest } from './wire/ws.ts'

export const pollType = 'application/vnd.millrace.poll+json'

/** A POST of an operation. `headers` stand beside those of the target, or instead of them where `anonymous`. */
export function postOf({ target, signal }: Bench, payload: unknown, headers: Headers): HttpRequest {
  return {
    url: target.url,
    method: 'POST',
    headers: { ...target.headers, 'content-type': 'application/json', ...headers },
    body: typeof payload === 'string' ? payload : JSON.stringify(payload),
    signal,
    patienceMs: target.patienceMs,
  }
}

/** A GET of an operation as an event stream. `more` are further parameters of the query string. */
export function getOf({ target, signal }: Bench, operation: Operation, more: Headers, headers: Headers): HttpRequest {
  return {
    url: getUrl(target.url, operation, more),
    method: 'GET',
    headers: { accept: 'text/event-stream', ...target.headers, ...headers },
    signal,
    patienceMs: target.patienceMs,
  }
}

/** A socket that shows its credential in the headers of the upgrade. */
export function socketOf({ target, signal }: Bench, more: Partial<WsRequest> = {}): WsRequest {
  return { url: target.url, headers: target.headers, signal, patienceMs: target.patienceMs, ...more }
}

/** One poll. */
export async function poll(bench: Bench, payload: unknown, headers: Headers = {}): Promise<HttpAnswer> {
  return exchange(postOf(bench, payload, { accept: pollType, ...headers }))
}
