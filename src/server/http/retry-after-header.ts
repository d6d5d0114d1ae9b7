import type { ServerResponse } from 'node:http'
import type { RetryAfter } from '../../resolvers/context.ts'
import { retryAfterValue } from '../retry-after.ts'

/** Sets `Retry-After` on an answer that has not begun; of several waits the longest counts. */
export function createRetryAfter(response: ServerResponse): RetryAfter {
  let longest = 0
  return (seconds) => {
    if (seconds <= longest || response.headersSent) return
    longest = seconds
    response.setHeader('retry-after', retryAfterValue(seconds))
  }
}
