import type { IncomingMessage } from 'node:http'
import { Refusal } from '../../core/errors.ts'

/** Headers on which a decision rests: two of them may be read differently by a proxy and by us (RFC 9110 section 5.3). */
const decisive = [
  'authorization',
  'content-encoding',
  'content-type',
  'host',
  'last-event-id',
  'origin',
  'sec-fetch-mode',
  'sec-fetch-site',
  'x-api-key',
]

/** Throws `BAD_REQUEST` when a header that decides something was sent more than once. */
export function refuseDoubledHeaders(request: IncomingMessage): void {
  const doubled = decisive.find((name) => (request.headersDistinct[name]?.length ?? 0) > 1)
  if (doubled !== undefined) throw new Refusal('BAD_REQUEST', `The header ${doubled} was sent more than once.`)
}

/** The value of a header that may come once; `null` without it. */
export function singleHeader(request: IncomingMessage, name: string): string | null {
  return request.headersDistinct[name]?.[0]?.trim() ?? null
}
