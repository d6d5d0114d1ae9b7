import { RateLimitedError, Refusal } from '../../../src/core/errors.ts'

/** The codes of refusals; what is none says what it is instead. */
export function codesOf(reasons: readonly unknown[]): readonly string[] {
  return reasons.map((reason) => (reason instanceof Refusal ? reason.code : String(reason)))
}

/** How many of the reasons are refusals with that code. */
export function countOf(reasons: readonly unknown[], code: string): number {
  return codesOf(reasons).filter((one) => one === code).length
}

/** The code of a refused attempt; `null` for one that worked. */
export async function codeOf(attempt: Promise<unknown>): Promise<string | null> {
  return attempt.then(
    () => null,
    (reason: unknown) => codesOf([reason])[0] ?? null,
  )
}

/** How many seconds an attempt was told to wait; 0 where it was not. */
export async function waitOf(attempt: Promise<unknown>): Promise<number> {
  return attempt.then(
    () => 0,
    (reason: unknown) => (reason instanceof RateLimitedError ? reason.retryAfterSeconds : 0),
  )
}
