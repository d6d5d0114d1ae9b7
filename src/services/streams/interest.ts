import type { Clock } from '../../core/clock.ts'
import type { Store } from '../../ports/store.ts'
import { interestMs } from './retention.ts'

/** How often the store is told that a topic is still wanted, in ms. */
const renewMs = 3_600_000

/** Keeps the topics that are written on demand, while streams of them are open in this process and `interestMs` beyond that. */
export interface Interest {
  /** Resolves when the topic is there. Costs nothing when the store was told lately. */
  show(topic: string): Promise<void>
  /** No stream of it is open any more. */
  lose(topic: string): void
  /** Tells the store of all topics of which that is due; called more often than that. */
  renew(): Promise<void>
}

interface Telling {
  /** ms since 1970 */
  readonly since: number
  readonly told: Promise<void>
}

/** Nothing is wanted yet. */
export function createInterest(store: Pick<Store, 'write'>, clock: Clock): Interest {
  const wanted = new Map<string, Telling>()

  function isDue({ since }: Telling, now: number): boolean {
    return now - since >= renewMs
  }

  async function tell(topics: readonly string[]): Promise<void> {
    const since = clock.now()
    // The last stream may end just before the store would be told again.
    const until = since + interestMs + 2 * renewMs
    const told = store.write(async ({ log }) => {
      for (const topic of topics) await log.ensure(topic, until)
    })
    const telling = { since, told }
    for (const topic of topics) wanted.set(topic, telling)
    try {
      await told
    } catch (error) {
      // Due at once.
      const failed = { since: -Infinity, told: Promise.resolve() }
      for (const topic of topics) if (wanted.get(topic) === telling) wanted.set(topic, failed)
      throw error
    }
  }

  return {
    show(topic) {
      const telling = wanted.get(topic)
      return telling === undefined || isDue(telling, clock.now()) ? tell([topic]) : telling.told
    },
    lose(topic) {
      wanted.delete(topic)
    },
    async renew() {
      const now = clock.now()
      const due = [...wanted].filter(([, telling]) => isDue(telling, now)).map(([topic]) => topic)
      // In the order of their names, as the log asks for it.
      if (due.length > 0) await tell(due.toSorted())
    },
  }
}
