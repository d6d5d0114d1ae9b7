import { setTimeout as sleep } from 'node:timers/promises'
import type { AttemptOutcome, ComputePool } from '../../ports/compute-pool.ts'
import { createPace, type Pace } from './pace.ts'

/**
 * Where attempts wait for the pool, which is given no more of them than it has threads for. A transaction costs far more than
 * each further job that it moves: with a claim for every thread that becomes free, and another one for every end, a node does
 * half as many short jobs (measured). So while they end in quick succession some are claimed ahead, and ends are written
 * together.
 */
export interface StartLine extends Disposable {
  /** How many more jobs may be claimed, where so many are being prepared for the line. */
  room(preparing: number): number
  /** As the pool's `run`; `null` when no thread was free in time: the job is better off on another node. */
  run(...attempt: Parameters<ComputePool['run']>): Promise<AttemptOutcome | null>
  /** Sends away who waits and who comes from now on: what has not begun is handed back. */
  close(): void
  /** Resolves when the end of an attempt is to be written: at once, or with those that end in the next moment. */
  gathered(): Promise<void>
}

/**
 * How long an attempt waits for a thread, in ms: many times as long as who claims ahead reckons with. Among several nodes
 * less: another one may have a thread that does nothing.
 */
const patienceAloneMs = 500
const patienceAmongOthersMs = 100
/** How long an end waits for others, in ms, and what is claimed ahead when it is worth it. */
const gatherMs = 2
const leastAhead = 8

export function createStartLine(
  pool: Pick<ComputePool, 'free' | 'onFree' | 'run'>,
  { pace = createPace(), isAlone = true }: { readonly pace?: Pace; readonly isAlone?: boolean } = {},
): StartLine {
  const patienceMs = isAlone ? patienceAloneMs : patienceAmongOthersMs
  /** Those who wait: what begins each, and what sends it away. */
  const waiting = new Map<() => void, () => void>()
  let isClosed = false

  const begin = (attempt: Parameters<ComputePool['run']>) => runPaced(pool, pace, attempt)

  function wait(attempt: Parameters<ComputePool['run']>): Promise<AttemptOutcome | null> {
    const [, , signal] = attempt
    return new Promise((resolve) => {
      const leave = (outcome: Promise<AttemptOutcome> | null): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', start)
        waiting.delete(start)
        resolve(outcome)
      }
      // The pool knows how an attempt ends that is stopped before it began.
      const start = (): void => leave(begin(attempt))
      const giveUp = (): void => leave(null)
      const timer = setTimeout(giveUp, patienceMs)
      signal.addEventListener('abort', start)
      waiting.set(start, giveUp)
    })
  }

  const stopHearing = pool.onFree(() => {
    for (const start of waiting.keys()) {
      if (pool.free === 0) return
      start()
    }
  })

  return {
    room(preparing) {
      const idle = pool.free - preparing - waiting.size
      const room = Math.max(0, idle + pace.ahead)
      // Many at once, or none: unless a thread has nothing to do.
      return idle > 0 || 2 * room >= pace.ahead ? room : 0
    },
    run(...attempt) {
      const [, , signal] = attempt
      if (signal.aborted) return begin(attempt)
      if (isClosed) return Promise.resolve(null)
      return waiting.size < pool.free ? begin(attempt) : wait(attempt)
    },
    close() {
      isClosed = true
      for (const giveUp of waiting.values()) giveUp()
    },
    gathered: createGathering(pace),
    [Symbol.dispose]: stopHearing,
  }
}

/** What `StartLine.gathered` does. */
function createGathering(pace: Pace): () => Promise<void> {
  let gathering: Promise<void> | null = null

  async function gather(): Promise<void> {
    await sleep(gatherMs)
    gathering = null
  }

  return async () => {
    if (pace.ahead >= leastAhead) await (gathering ??= gather())
  }
}

async function runPaced(
  pool: Pick<ComputePool, 'run'>,
  pace: Pace,
  attempt: Parameters<ComputePool['run']>,
): Promise<AttemptOutcome> {
  const [, , signal] = attempt
  // One that is stopped before it begins says nothing of how fast others end.
  const counts = !signal.aborted
  try {
    return await pool.run(...attempt)
  } finally {
    if (counts) pace.ended()
  }
}
