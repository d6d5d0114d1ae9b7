import type { ErrorCode } from '../../core/errors.ts'
import { Refusal } from '../../core/errors.ts'

/**
 * Why the server closes a socket. The numbers come from the stock client's own table of when to come back: it does after
 * all of these but `unauthorized`.
 */
export const closeCodes = {
  /** The server stops or is replaced. */
  restart: 1012,
  /** The server cannot go on with this socket now. */
  tryAgain: 1013,
  /** The credential has ended for good: it was signed out or revoked. */
  unauthorized: 4401,
  /** The credential is not valid; the client may have a newer one. */
  forbidden: 4403,
} as const

const codeByRefusal: Partial<Record<ErrorCode, number>> = {
  SESSION_REVOKED: closeCodes.unauthorized,
  RATE_LIMITED: closeCodes.tryAgain,
  OVERLOADED: closeCodes.tryAgain,
}

/** How to close the socket of somebody who was refused as a whole, or when we failed. */
export function closeCodeFor(error: unknown): number {
  return error instanceof Refusal ? (codeByRefusal[error.code] ?? closeCodes.forbidden) : closeCodes.tryAgain
}

/** A reason as a close frame can carry it: at most 123 bytes of UTF-8. */
export function closeReason(text: string): string {
  return Buffer.byteLength(text) <= 123
    ? text
    : Buffer.from(text)
        .subarray(0, 120)
        .toString('utf8')
        .replace(/\uFFFD+$/, '')
}
