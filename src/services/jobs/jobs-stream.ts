import type { Clock } from '../../core/clock.ts'
import { isTerminal, type JobsEvent, jobStates } from '../../core/job.ts'
import { toPage } from '../../core/page.ts'
import type { OpenStream } from '../streams/stream.ts'
import { jobsTopic } from './jobs-log.ts'

/** How many jobs the stream opens with at most: a page as any other, so that what it costs is bounded as of any other. */
const first = 100

const unfinished = jobStates.filter((state) => !isTerminal(state))

/** The stream of what becomes of all jobs of a user: it opens with those that have not ended. */
export function jobsStream(userId: string, clock: Clock): Omit<OpenStream, 'resume'> {
  return {
    topic: jobsTopic(userId),
    onDemand: true,
    async snapshot({ ledger }) {
      const found = await ledger.list(userId, { limit: first + 1, filter: { states: unfinished } })
      const event: JobsEvent = { type: 'JobsSnapshot', at: clock.now(), jobs: toPage(found, first) }
      return { ...event }
    },
  }
}
