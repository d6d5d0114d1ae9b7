import { type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { parseJson } from '../json.ts'
import type { Headers, Operation } from '../target.ts'
import { Violation } from '../violation.ts'

export interface HttpRequest {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Headers
  readonly body?: string
  readonly signal: AbortSignal
  /** How long the head of the answer may take, in ms. */
  readonly patienceMs: number
}

/** An answer that was read to its end. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  /** The body as JSON; `undefined` for what is none. */
  readonly json: unknown
}

/** Sends a request on a connection of its own; resolves with the head of the answer. Throws a `Violation` when none comes. */
export async function openHttp({ url, signal, patienceMs, body, ...rest }: HttpRequest): Promise<IncomingMessage> {
  signal.throwIfAborted()
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = send(url, { method: rest.method, headers: rest.headers, signal, agent: false })
    const late = setTimeout(() => {
      request.destroy()
      reject(new Violation(`no answer to ${rest.method} within ${patienceMs} ms`))
    }, patienceMs)
    request.on('response', (response) => {
      clearTimeout(late)
      // Errors after the head are told to who reads the body.
      response.on('error', () => undefined)
      resolve(response)
    })
    request.on('error', (error) => {
      clearTimeout(late)
      reject(new Violation(`the connection failed: ${error.message}`))
    })
    request.end(body)
  })
}

/** Sends a request and reads the whole answer. */
export async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const response = await openHttp(request)
  const late = setTimeout(() => response.destroy(), request.patienceMs)
  try {
    const body = await text(response)
    return { status: response.statusCode ?? 0, headers: response.headers, text: body, json: parseJson(body) }
  } catch {
    throw new Violation(`the answer (status ${response.statusCode}) did not end within ${request.patienceMs} ms`)
  } finally {
    clearTimeout(late)
  }
}

/** The address of an operation that is sent in the query string. */
export function getUrl(url: string, { query, variables }: Operation, more: Headers = {}): string {
  const search = new URLSearchParams({
    query,
    ...(variables !== undefined && { variables: JSON.stringify(variables) }),
    ...more,
  })
  return `${url}${url.includes('?') ? '&' : '?'}${search}`
}
