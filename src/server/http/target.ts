import type { IncomingMessage } from 'node:http'
import { Refusal } from '../../core/errors.ts'

/** What a request asks for. */
export interface Target {
  readonly path: string
  /** The query string without its question mark. */
  readonly search: string
}

/** `null` where it is no path; a proxy may send the whole URL (RFC 9112 section 3.2.2). */
export function targetOf({ url = '' }: Pick<IncomingMessage, 'url'>): Target | null {
  const target = url.replace(/^https?:\/\/[^/?#]*/i, '')
  if (!target.startsWith('/')) return null
  const at = target.indexOf('?')
  return at === -1 ? { path: target, search: '' } : { path: target.slice(0, at), search: target.slice(at + 1) }
}

/** The same. Throws the refusal of what is no path. */
export function readTarget(request: Pick<IncomingMessage, 'url'>): Target {
  const target = targetOf(request)
  if (target === null) throw new Refusal('BAD_REQUEST', 'The request target must be a path.')
  return target
}
