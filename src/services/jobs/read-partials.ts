import { InvalidInputError } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import { maxValueBytes } from '../../core/value-limits.ts'
import type { LoggedEvent, LogHead } from '../../ports/event-log.ts'
import type { Store } from '../../ports/store.ts'
import { jobTopic, readJobEvent } from './job-log.ts'
import { assertBudgetLeft, type ReadBudget, spend } from './read-budget.ts'

/** The most partial results that are read at once. */
const maxLast = 100
/** How many of the newest events of a job are looked at: what it has told of its progress lies between its partial results. */
const maxEvents = 5_000
/** What an event that is looked at takes of the budget, in characters. */
const charactersOfEvent = 25

/**
 * The newest partial results of a job, oldest of them first: at most `last`, of those only as many as have 1 MiB of JSON
 * together. Throws an `InvalidInputError` unless `last` is from 1 to 100, and `OPERATION_TOO_COSTLY`.
 */
export async function readPartials(
  store: Store,
  { id }: Job,
  last: number,
  budget: ReadBudget,
): Promise<readonly unknown[]> {
  if (!Number.isInteger(last) || last < 1 || last > maxLast) {
    throw new InvalidInputError([{ path: ['last'], message: `Must be a whole number from 1 to ${maxLast}.` }])
  }
  const topic = jobTopic(id)
  return store.read(async ({ log }) => {
    assertBudgetLeft(budget)
    const bounds = { limit: last, maxBytes: maxValueBytes, among: maxEvents }
    const [head, events] = [await log.head(topic), await log.readLast(topic, 'JobPartial', bounds)]
    const parts = events
      .map(({ body }) => readJobEvent(body))
      .flatMap((event) => (event.type === 'JobPartial' ? [event.data] : []))
    const characters = parts.reduce<number>((sum, part) => sum + JSON.stringify(part).length, 0)
    spend(budget, characters + lookedAt(head, events, last) * charactersOfEvent, 'FIELDS')
    return parts
  })
}

/** How many events were looked at: back to the oldest that is answered, or further if there were too few. */
function lookedAt(head: LogHead, events: readonly LoggedEvent[], last: number): number {
  const [first] = events
  const oldest = first !== undefined && events.length === last ? first.offset : head.oldest
  return Math.min(head.offset - oldest + 1, maxEvents)
}
