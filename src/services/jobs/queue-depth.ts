import type { Clock } from '../../core/clock.ts'
import type { Store } from '../../ports/store.ts'

/** What waits for a thread, on whatever node it will run. */
export interface QueueDepth {
  /** Jobs that are QUEUED. */
  readonly queued: number
  /** For how long the one that has waited longest has been due, ms; 0 where none waits. */
  readonly oldestDueMs: number
}

/** Asks the store at most once a second, whoever asks. Rejects with what the store rejects with. */
export interface QueueDepthReader {
  read(): Promise<QueueDepth>
  /** The part of it that costs the same however many wait. */
  oldestDueMs(): Promise<number>
}

export interface QueueDepthOptions {
  readonly store: Pick<Store, 'read'>
  readonly clock: Clock
}

/** For how long an answer of the store holds, ms. */
const freshMs = 1_000

export function createQueueDepth({ store, clock }: QueueDepthOptions): QueueDepthReader {
  const queued = seldom(() => store.read(({ ledger }) => ledger.countQueued()), clock)
  const oldest = seldom(() => store.read(({ ledger }) => ledger.oldestDue()), clock)

  async function oldestDueMs(): Promise<number> {
    const since = await oldest()
    return since === null ? 0 : Math.max(0, clock.now() - since)
  }

  return {
    oldestDueMs,
    async read() {
      const [count, age] = await Promise.all([queued(), oldestDueMs()])
      return { queued: count, oldestDueMs: age }
    },
  }
}

/** What was answered last while it is fresh; who asks meanwhile shares one question. A failure is not remembered. */
function seldom<Answer>(ask: () => Promise<Answer>, clock: Clock): () => Promise<Answer> {
  let known: { readonly at: number; readonly answer: Answer } | null = null
  let asking: Promise<Answer> | null = null

  async function askOnce(): Promise<Answer> {
    try {
      const answer = await ask()
      known = { at: clock.now(), answer }
      return answer
    } finally {
      asking = null
    }
  }

  return async () => {
    const age = known === null ? Infinity : clock.now() - known.at
    // A clock that was set back would hold on to the old answer.
    if (known !== null && age >= 0 && age < freshMs) return known.answer
    asking ??= askOnce()
    return asking
  }
}
