import { now } from '../now.ts'
import { createCountedEnds } from './counted-ends.ts'

/** The no-op job of systems whose functions run in this very process. */
export interface Noop {
  /** The function of the job. */
  readonly run: () => void
  /** When the next one begins. */
  begins(): Promise<number>
  /** Resolves when so many have run from now on. */
  ran(count: number): Promise<void>
}

export function createNoop(): Noop {
  const ends = createCountedEnds()
  let waiting: ((at: number) => void) | null = null
  return {
    run() {
      waiting?.(now())
      waiting = null
      ends.tell()
    },
    begins: () => new Promise((resolve) => (waiting = resolve)),
    ran: ends.wait,
  }
}
