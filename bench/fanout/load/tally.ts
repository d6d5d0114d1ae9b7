import { eventMark, nowUs, stampDigits } from '../system.ts'

/** What all clients of the process have received together. */
export interface Tally {
  /** Deliveries so far. */
  received: number
  /** `onComplete` is called when so many were received. */
  expected: number
  onComplete: () => void
  /** Where the µs from publishing to receiving go, if they are measured. */
  delays: number[] | null
}

export function createTally(): Tally {
  return { received: 0, expected: Number.POSITIVE_INFINITY, onComplete: () => undefined, delays: null }
}

/** Resolves when so many more were received than now; rejects after the deadline. */
export function receiveMore(tally: Tally, deliveries: number, deadlineMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const goal = tally.received + deliveries
  const timer = setTimeout(() => {
    const missing = goal - tally.received
    reject(new Error(`${missing} of ${deliveries} deliveries did not come within ${deadlineMs / 1000} s.`))
  }, deadlineMs)
  tally.expected = goal
  tally.onComplete = () => {
    clearTimeout(timer)
    resolve()
  }
  return promise
}

/** Counts an event whose mark begins at `at`. Its time is read only where it is asked for. */
export function count(tally: Tally, bytes: Buffer, at: number): void {
  tally.received += 1
  if (tally.delays !== null) {
    const start = at + eventMark.length
    tally.delays.push(nowUs() - Number(bytes.toString('latin1', start, start + stampDigits)))
  }
  if (tally.received === tally.expected) tally.onComplete()
}
