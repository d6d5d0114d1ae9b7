import { type ErrorCode, RateLimitedError, Refusal } from '../core/errors.ts'
import type { RequestContext } from './context.ts'
import { Refused } from './refused.ts'

/**
 * Runs a command and turns the refusals that its union expects into values; every other error goes on. How long to wait is
 * said by the answer itself as well, to whoever does not read the union (RFC 6585 section 4).
 */
export async function outcome<T>(
  { retryAfter, trace }: Pick<RequestContext, 'retryAfter' | 'trace'>,
  expected: readonly ErrorCode[],
  command: () => Promise<T>,
): Promise<T | Refused> {
  try {
    return await command()
  } catch (error) {
    if (!(error instanceof Refusal) || !expected.includes(error.code)) throw error
    trace?.refusedWith(error.code)
    if (error instanceof RateLimitedError) retryAfter?.(error.retryAfterSeconds)
    return new Refused(error)
  }
}
