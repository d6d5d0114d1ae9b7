import type { Clock } from '../../core/clock.ts'
import type { Store } from '../../ports/store.ts'

/** What is due and does not run, on whatever node it will, and whatever it waits for: a thread, the limit of its task, a node that has its task. */
export interface QueueDepth {
  /** Jobs that are QUEUED. */
  readonly queued: number
  /** For how long the oldest of them has been due, ms; 0 where there is none. */
  readonly oldestDueMs: number
}

/** Asks the store at most once a second, whoever asks. */
export interface QueueDepthReader {
  /** Rejects with what the store rejects with. */
  read(): Promise<QueueDepth>
}

export interface QueueDepthOptions {
  readonly store: Pick<Store, 'read'>
  readonly clock: Clock
}

/** For how long an answer of the store holds, ms. */
const freshMs = 1_000

export function createQueueDepth({ store, clock }: QueueDepthOptions): QueueDepthReader {
  const ask = seldom(
    () =>
      store.read(async ({ ledger }) => ({ queued: await ledger.countQueued(), oldestDue: await ledger.oldestDue() })),
    clock,
  )

  return {
    async read() {
      const { queued, oldestDue } = await ask()
      return { queued, oldestDueMs: oldestDue === null ? 0 : Math.max(0, clock.now() - oldestDue) }
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
