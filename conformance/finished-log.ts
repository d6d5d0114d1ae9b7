import type { Bench } from './bench.ts'
import { fill } from './fill.ts'
import { isObject } from './json.ts'
import { mutate, withTopic } from './open-log.ts'
import type { Operation } from './target.ts'
import { Impossible, Violation } from './violation.ts'
import { type Answer, openWatch, type Watch } from './watch.ts'

/** A log that has come to its end. */
export interface FinishedLog {
  readonly operation: Operation
  /** Its events from the oldest that is kept. */
  readonly events: readonly Answer[]
  /** The place after its last event. */
  readonly end: string
}

/** Prepares the log and watches it to its end, by the first transport that the run is for. */
export async function readFinishedLog(
  bench: Pick<Bench, 'target' | 'signal'>,
  topic: string,
  transport: 'ws' | 'sse' | 'poll',
): Promise<FinishedLog> {
  const { finished, prepare } = bench.target.profile
  const data = prepare === null ? {} : await mutate(bench.target, withTopic(prepare, topic), bench.signal)
  const table = { topic, ...(isObject(data) && data) }
  const variables = fill(finished.variables ?? {}, table)
  const operation = { query: finished.query, variables: isObject(variables) ? variables : {} }
  const watch = await openWatch(bench, transport, operation, { after: 'earliest' })
  const events = await readToTheEnd(watch)
  const end = events.at(-1)?.cursor ?? null
  if (end === null) throw new Impossible('the finished log has no event with a cursor')
  return { operation, events, end }
}

/** The events of a log up to its end. How a server tells of the end is checked elsewhere. */
async function readToTheEnd(watch: Watch): Promise<readonly Answer[]> {
  const events: Answer[] = []
  try {
    for (let answer = await watch.next(); answer !== null; answer = await watch.next()) {
      if (answer.cursor !== null) events.push(answer)
    }
  } catch (error) {
    if (!(error instanceof Violation) || events.length === 0) throw error
  }
  watch.close()
  return events
}
