import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../core/clock.ts'
import type { Job } from '../../core/job.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'
import { inTopicOrder } from './claim-jobs.ts'
import { appendJobEvent } from './job-log.ts'
import { settleAttempt } from './settle-attempt.ts'

export interface SweepOptions {
  readonly store: Store
  readonly clock: Clock
  /** This node, whose own jobs its lease watches over. */
  readonly nodeId: string
}

/** The most jobs that one transaction of a sweep moves. */
const portion = 100

/** Makes due jobs QUEUED and takes back those of nodes that are gone. Answers how many are QUEUED by it. */
export async function sweep(options: SweepOptions): Promise<number> {
  return (await promote(options)) + (await reclaim(options))
}

async function promote({ store, clock }: SweepOptions): Promise<number> {
  const at = clock.now()
  const jobs = await store.write(async (records) => {
    const due = await records.ledger.promote(at, portion)
    for (const job of inTopicOrder(due)) await appendJobEvent(records, { type: 'JobStateChanged', at, job })
    return due
  })
  return jobs.length
}

async function reclaim({ store, clock, nodeId }: SweepOptions): Promise<number> {
  const at = clock.now()
  const jobs = await store.write(async (records) => {
    const orphans = (await records.ledger.orphans(portion)).filter((job) => job.nodeId !== nodeId)
    const settled: (Job | null)[] = []
    for (const job of inTopicOrder(orphans)) {
      settled.push(await settleAttempt(records, job, { type: 'lost', message: 'Its process went away.' }, at))
    }
    return settled
  })
  return jobs.filter((job) => job?.state === 'QUEUED').length
}

export interface SweeperOptions extends SweepOptions {
  readonly logger: Logger
  /** About how many ms lie between two sweeps. */
  readonly everyMs: number
  /** Called when jobs have become QUEUED. */
  found(): void
}

/** Sweeps again and again; several nodes do so at different times, for the pause is half to one and a half of what is asked. */
export function startSweeper(options: SweeperOptions): AsyncDisposable {
  const stopping = new AbortController()

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const pause = options.everyMs * (0.5 + Math.random())
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
      try {
        if ((await sweep(options)) > 0) options.found()
      } catch (error) {
        options.logger.warn({ error: String(error) }, 'The ledger could not be swept; it is tried again.')
      }
    }
  }

  const running = run()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}
