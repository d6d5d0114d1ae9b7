import type { Part } from '../../../conformance/bench.ts'
import type { IncomingHttpHeaders } from 'node:http'
import type { Tampering } from '../faulty-proxy.ts'

/** One thing that a server does wrong, and the checks that find it: no more and no fewer. */
export interface StreamFault {
  readonly name: string
  /** What is checked; the finished log is read over the first. */
  readonly over: readonly Part[]
  /** Only the checks whose ids begin so are made. */
  readonly only?: string
  /** What happens to one connection or request. */
  tamper(): Tampering
  readonly found: readonly string[]
}

export type Message = Record<string, unknown>
export interface Payload {
  readonly data?: unknown
  readonly extensions?: { readonly resume?: Record<string, unknown> }
}

/** Counts the answers of a connection that tell of an event, from 1; `null` for anything else. */
export function eventCounter(): (payload: unknown) => number | null {
  let count = 0
  return (payload) => {
    const { data, extensions } = (payload ?? {}) as Payload
    const isEvent =
      data !== undefined &&
      data !== null &&
      extensions?.resume !== undefined &&
      extensions.resume['status'] === undefined
    return isEvent ? (count += 1) : null
  }
}

/** The payload with another `extensions.resume`. */
export function withResume(payload: unknown, change: (resume: Record<string, unknown>) => object): unknown {
  const { extensions, ...rest } = (payload ?? {}) as Payload
  if (extensions?.resume === undefined) return payload
  return { ...rest, extensions: { ...extensions, resume: change(extensions.resume) } }
}

type Resume = Record<string, unknown>

/** The ways to change `extensions.resume` of answers that go wrong alike over every transport. */
export const resumeFaults = {
  unsaid: ({ cursor }: Resume) => ({ cursor }),
  secretGap: (resume: Resume) => ({ ...resume, ...(resume['gap'] === true && { gap: false }) }),
  longCursor: (resume: Resume) => ({ ...resume, cursor: `${String(resume['cursor'])}${'0'.repeat(40)}` }),
} as const satisfies Record<string, (resume: Resume) => object>

/** The payload without the codes of its errors. */
export function withoutCodes(payload: unknown): unknown {
  const { errors, ...rest } = (payload ?? {}) as { errors?: readonly { message: string }[] }
  return errors === undefined ? payload : { ...rest, errors: errors.map(({ message }) => ({ message })) }
}

/** Lets whoever has a cursor in as somebody who may see its log. */
export function believing(headers: IncomingHttpHeaders, body: string): IncomingHttpHeaders {
  const isTaken = headers.authorization !== undefined || !/"after":"c1\./.test(body)
  return isTaken ? headers : { ...headers, authorization: 'Bearer user-1' }
}

/** Has every `resume` with a member of another version refused. */
export function knowingAll(body: string): string {
  return body.replace(/"resume":\{[^{}]*"later":\{[^{}]*\}\}/, '"resume":1')
}
