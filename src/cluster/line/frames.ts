import { rowOf } from './row-of.ts'

/** What one peer says to the other. Several go in one message of the link, in order. */
export type Frame =
  | readonly [kind: 'notice', name: string, body: unknown]
  | readonly [kind: 'request', id: number, name: string, body: unknown]
  | readonly [kind: 'answer', id: number, body: unknown]
  | readonly [kind: 'failure', id: number, code: FailureCode, sentence: string]

/** Why the other side does not answer. */
export type FailureCode = 'FAILED' | 'OVERLOADED'

/** Reads a message of the link; what is no frame is passed over. */
export function readFrames(message: unknown): readonly Frame[] {
  return rowOf(message).filter(isFrame)
}

function isFrame(frame: unknown): frame is Frame {
  if (!Array.isArray(frame)) return false
  const [kind, first, second, third] = rowOf(frame)
  switch (kind) {
    case 'notice':
      return frame.length === 3 && typeof first === 'string'
    case 'request':
      return frame.length === 4 && isId(first) && typeof second === 'string'
    case 'answer':
      return frame.length === 3 && isId(first)
    case 'failure':
      return frame.length === 4 && isId(first) && isFailureCode(second) && typeof third === 'string'
    default:
      return false
  }
}

function isId(value: unknown): boolean {
  return Number.isSafeInteger(value)
}

function isFailureCode(value: unknown): value is FailureCode {
  return value === 'FAILED' || value === 'OVERLOADED'
}

/** About how many bytes a value takes up as JSON: near enough to bound what waits, and far cheaper than writing it out. */
export function roughSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 8
  let size = 2
  if (Array.isArray(value)) for (const item of value) size += roughSize(item) + 1
  else for (const [key, item] of Object.entries(value)) size += key.length + roughSize(item) + 4
  return size
}
