import type { Logger } from '../../../ports/logger.ts'
import type { SnapshotOutcome, TakeSnapshot } from './take-snapshot.ts'

/**
 * Answers the question of another process, or of this one, for a snapshot of this one or of one of its threads. Who may ask was decided where it is asked: the line
 * connects the processes of one server. Throws a sentence for people; what it failed with is in the log.
 */
export function answerSnapshot(take: TakeSnapshot, logger: Logger): (body: unknown) => Promise<SnapshotOutcome> {
  return async (body) => {
    try {
      return await take('ASKED_FOR', readNumber(body, 'maxPauseMs'), readNumber(body, 'threadId'))
    } catch (error) {
      logger.error({ error: String(error) }, 'The heap snapshot could not be taken.')
      throw new Error('The heap snapshot could not be taken: the log of the process says why.', { cause: error })
    }
  }
}

/** `null` where there is none: without a `maxPauseMs` none is taken. */
function readNumber(body: unknown, name: string): number | null {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : null
  return typeof value === 'number' ? value : null
}
