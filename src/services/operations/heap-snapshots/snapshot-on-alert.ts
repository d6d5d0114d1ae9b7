import type { Clock } from '../../../core/clock.ts'
import type { HeapSnapshotReason } from '../../../core/heap-snapshot.ts'
import type { HeapSnapshots } from '../../../ports/heap-snapshots.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { TakeSnapshot } from './take-snapshot.ts'

/** The alerts that a snapshot is taken for. */
export type MemoryAlertKind = Exclude<HeapSnapshotReason, 'ASKED_FOR'>

export interface OnAlertOptions {
  readonly snapshots: Pick<HeapSnapshots, 'list'>
  readonly take: TakeSnapshot
  readonly clock: Clock
  readonly logger: Logger
  /** The number of this process in the operating system. */
  readonly pid: number
}

/** How often one is taken for alerts of one kind, of all processes together, in ms. */
const apartMs = 3_600_000
/** For how long another one of the same process would show the same, in ms; and taking one makes the process bigger. */
const sameMs = 600_000
/** When it is tried again after none could be taken, in ms. */
const retryMs = 300_000
/** For how long nobody may be answered for one that nobody asked for, in ms. */
const maxPauseMs = 300_000

/**
 * Takes a snapshot for an alert about memory, of the thread for tasks that it is about, if it is about one: at most once an hour for each
 * kind, threads counted apart. To be called for as long as the alert lasts, as often as one likes; never rejects. What comes of it is in
 * the log.
 */
export function snapshotOnAlert({ snapshots, take, clock, logger, pid }: OnAlertOptions) {
  /** When it is worth looking at again. */
  const notBefore = new Map<string, number>()

  async function isDue(kind: MemoryAlertKind, threadId: number | null, now: number): Promise<boolean> {
    // One from the future was taken before the clock was set back.
    const isWithin = (at: number, ms: number) => at <= now && now - at < ms
    const taken = await snapshots.list()
    return !taken.some(
      ({ reason, takenAt, pid: of, threadId: whose }) =>
        (reason === kind && (whose === null) === (threadId === null) && isWithin(takenAt, apartMs)) ||
        (of === pid && (threadId === null || whose === threadId) && isWithin(takenAt, sameMs)),
    )
  }

  return async (kind: MemoryAlertKind, threadId: number | null = null): Promise<void> => {
    const now = clock.now()
    const about = { kind, ...(threadId !== null && { threadId }) }
    const key = `${kind} ${threadId === null ? 'main' : 'thread'}`
    if (now < (notBefore.get(key) ?? 0)) return
    notBefore.set(key, now + retryMs)
    try {
      if (!(await isDue(kind, threadId, now))) return
      const outcome = await take(kind, maxPauseMs, threadId)
      if (outcome.kind === 'taken') notBefore.set(key, now + apartMs)
      else logger.warn({ ...about, reason: outcome.message }, 'No heap snapshot was taken.')
    } catch (error) {
      logger.error({ ...about, error: String(error) }, 'The heap snapshot could not be taken.')
    }
  }
}
