import { OperationError, UnavailableError } from './frame.ts'

/** The seconds of a header `Retry-After` (RFC 9110, section 10.2.3): a number, or a date from now. `null` when it tells none. */
export function readRetryAfter(response: Pick<Response, 'headers'>): number | null {
  const value = response.headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,9}$/.test(value)) return Number(value)
  // What an engine takes for a date beyond the form of HTTP (section 5.6.7) is anybody's guess.
  const date = value.endsWith(' GMT') ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, (date - Date.now()) / 1_000)
}

/** How long to wait at least after a failure, in ms: what the server said with it. */
export function askedWaitMs(failure: unknown): number {
  const isTold = failure instanceof OperationError || failure instanceof UnavailableError
  return isTold ? 1_000 * (failure.retryAfterSeconds ?? 0) : 0
}

const lineFeed = 10
const carriageReturn = 13

/** Longer than any line that this module reads; of longer ones no more is kept. */
const longestLine = 32

/** Reads the fields `retry` of an event stream, whatever the pieces in which its bytes come; gives each in ms. */
export function createRetryReader(onRetry: (ms: number) => void): (chunk: Uint8Array) => void {
  let line = ''
  const endLine = () => {
    const [, ms] = /^retry: ?(\d{1,9})$/.exec(line) ?? []
    line = ''
    if (ms !== undefined) onRetry(Number(ms))
  }
  return (chunk) => {
    for (const byte of chunk) {
      if (byte === lineFeed || byte === carriageReturn) endLine()
      else if (line.length < longestLine) line += String.fromCharCode(byte)
    }
  }
}
