import type { Clock } from '../../../core/clock.ts'
import type { MemorySign } from '../../../core/memory.ts'
import type { HeapSnapshots } from '../../../ports/heap-snapshots.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { TakeSnapshot } from './take-snapshot.ts'

export interface OnSignOptions {
  readonly snapshots: Pick<HeapSnapshots, 'list'>
  readonly take: TakeSnapshot
  readonly clock: Clock
  readonly logger: Logger
  /** The number of this process in the operating system. */
  readonly pid: number
  /** For how long nobody may be answered for one that nobody asked for, in ms. */
  readonly maxPauseMs: number
}

/** The same of a thread for tasks, in ms: only its tasks wait. */
const threadPauseMs = 300_000
/** For how long another one of the same process would show the same, in ms; and taking one makes the process bigger. */
const sameMs = 600_000

/** How often one is taken for a sign, of all processes together, and when it is tried again after none could be taken, in ms. */
const paces: Readonly<Record<'alert' | 'grown', { readonly apartMs: number; readonly retryMs: number }>> = {
  alert: { apartMs: 3_600_000, retryMs: 300_000 },
  grown: { apartMs: 24 * 3_600_000, retryMs: 3_600_000 },
}

/**
 * Takes a snapshot for what speaks for one, of the thread for tasks that it is about, if it is about one: for alerts at most once an hour
 * for each kind, threads counted apart, for a heap that has grown at most once a day. To be called for as long as that lasts, as often as
 * one likes; never rejects. What comes of it is in the log.
 */
export function snapshotOnSign(options: OnSignOptions): (sign: MemorySign) => Promise<void> {
  const { snapshots, take, clock, logger, pid, maxPauseMs } = options
  /** When it is worth looking at again. */
  const notBefore = new Map<string, number>()

  async function isDue({ kind, threadId }: MemorySign, apartMs: number): Promise<boolean> {
    const now = clock.now()
    // One from the future was taken before the clock was set back.
    const isWithin = (at: number, ms: number) => at <= now && now - at < ms
    const taken = await snapshots.list()
    return !taken.some(
      ({ reason, takenAt, pid: of, threadId: whose }) =>
        (reason === kind && (whose === null) === (threadId === null) && isWithin(takenAt, apartMs)) ||
        (of === pid && (threadId === null || whose === threadId) && isWithin(takenAt, sameMs)),
    )
  }

  return async (sign) => {
    const { kind, threadId } = sign
    const { apartMs, retryMs } = paces[kind === 'HEAP_GROWN' ? 'grown' : 'alert']
    const key = `${kind} ${threadId === null ? 'main' : 'thread'}`
    if (clock.now() < (notBefore.get(key) ?? 0)) return
    notBefore.set(key, clock.now() + retryMs)
    const about = { kind, ...(threadId !== null && { threadId }) }
    try {
      if (!(await isDue(sign, apartMs))) return
      const outcome = await take(kind, threadId === null ? maxPauseMs : threadPauseMs, threadId)
      if (outcome.kind === 'taken') notBefore.set(key, clock.now() + apartMs)
      else {
        const { message: reason, estimate } = outcome
        logger.warn({ ...about, reason, ...estimate }, 'No heap snapshot was taken.')
      }
    } catch (error) {
      logger.error({ ...about, error: String(error) }, 'The heap snapshot could not be taken.')
    }
  }
}
