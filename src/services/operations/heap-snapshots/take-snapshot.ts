import { Refusal } from '../../../core/errors.ts'
import type { HeapSnapshot, HeapSnapshotEstimate, HeapSnapshotReason } from '../../../core/heap-snapshot.ts'
import { ThreadHeapError } from '../../../ports/compute-pool.ts'
import type { HeapSnapshots, PendingHeapSnapshot } from '../../../ports/heap-snapshots.ts'
import type { HostProcess } from '../../../ports/host-process.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { Turns } from '../../../ports/turns.ts'

/** What becomes of the wish for a snapshot of this process. It goes over the line between processes as JSON. */
export type SnapshotOutcome =
  | { readonly kind: 'taken'; readonly snapshot: HeapSnapshot }
  /** `message` is a sentence for people; `estimate` is `null` where it does not matter. */
  | { readonly kind: 'refused'; readonly message: string; readonly estimate: HeapSnapshotEstimate | null }

/**
 * Takes a snapshot of this process, or of one of its threads for tasks, unless something speaks against it: it is off, another one is being
 * taken, it would take longer than `maxPauseMs` (`null`: it is only to be told how long), disk or memory are short, or the thread is out of
 * reach. Throws what writing it fails with.
 */
export type TakeSnapshot = (
  reason: HeapSnapshotReason,
  maxPauseMs: number | null,
  threadId?: number | null,
) => Promise<SnapshotOutcome>

export interface TakingOptions {
  readonly snapshots: HeapSnapshots
  readonly host: HostProcess
  readonly turns: Turns
  readonly logger: Logger
  /** How many are kept, 0 for none at all, and for how long, in ms. */
  readonly bounds: { readonly keep: number; readonly keepMs: number }
  /** How much of the disk must stay free, in bytes. */
  readonly diskFreeBytes: number
  /** Keeps a sample of memory under a name. */
  mark(label: string): void
  /** Threads are not waited for any more. */
  readonly closing: AbortSignal
}

/** The longest that a process may be away for a snapshot, in ms: its supervisor waits no longer. */
export const longestPauseMs = 600_000
/** What is told of a pause to who watches the process, at least, in ms: it says itself when it is over, and must not be taken for dead before. */
const leastAnnouncedMs = 60_000

export function takeSnapshots(options: TakingOptions): TakeSnapshot {
  const { snapshots, turns, bounds } = options

  async function take(reason: HeapSnapshotReason, { maxPauseMs, threadId }: TakeWish): Promise<SnapshotOutcome> {
    const estimate = await snapshots.estimate(threadId)
    const objection = objectionTo(estimate, { maxPauseMs, threadId }, options.diskFreeBytes)
    if (objection !== null) return refused(objection, estimate)
    await using pending = await turns('heap snapshot', () => snapshots.begin(reason, threadId))
    if (pending === null) return refused('Another heap snapshot is being taken: try again when it is there.', estimate)
    options.mark('before heap snapshot')
    // The main thread goes on while another one writes.
    const snapshot = await (threadId === null
      ? writeWhilePaused(options, estimate, pending)
      : pending.write(options.closing))
    options.mark('after heap snapshot')
    const { id, sizeBytes, pausedMs } = snapshot
    options.logger.warn({ id, reason, threadId, sizeBytes, pausedMs }, 'A heap snapshot was taken.')
    await prune(options)
    return { kind: 'taken', snapshot }
  }

  return async (reason, maxPauseMs, threadId = null) => {
    if (bounds.keep === 0) return refused('No heap snapshots are taken here: HEAP_SNAPSHOTS is 0.')
    try {
      return await take(reason, { maxPauseMs, threadId })
    } catch (error) {
      if (error instanceof ThreadHeapError) return refused(error.message)
      throw error
    }
  }
}

interface TakeWish {
  readonly maxPauseMs: number | null
  readonly threadId: number | null
}

/** The sentence that says why none is taken; `null` where nothing speaks against it. */
function objectionTo(
  estimate: HeapSnapshotEstimate,
  { maxPauseMs, threadId }: TakeWish,
  diskFreeBytes: number,
): string | null {
  const { pauseMs, sizeBytes, freeBytes, memoryBytes, availableBytes } = estimate
  const needed = 2 * sizeBytes + diskFreeBytes
  if (freeBytes < needed) return `The disk has ${megabytes(freeBytes)} free and would need ${megabytes(needed)}.`
  if (availableBytes < memoryBytes) {
    return `Taking it needs up to ${megabytes(memoryBytes)} of memory, and ${megabytes(availableBytes)} are available.`
  }
  const who = threadId === null ? 'The process would answer nobody' : 'The thread would run no task'
  const stands = `${who} for up to ${milliseconds(pauseMs)}`
  if (maxPauseMs === null) return `${stands}: give maxPauseMs to have it taken.`
  if (pauseMs > maxPauseMs) return `${stands}, and may do so for ${milliseconds(maxPauseMs)}.`
  return pauseMs > longestPauseMs ? `${stands}, which is too long.` : null
}

async function writeWhilePaused(
  { host, closing }: TakingOptions,
  { pauseMs }: HeapSnapshotEstimate,
  pending: PendingHeapSnapshot,
): Promise<HeapSnapshot> {
  const isOver = await host.pause(Math.min(longestPauseMs, leastAnnouncedMs + 3 * pauseMs))
  try {
    return await pending.write(closing)
  } finally {
    isOver()
  }
}

async function prune({ snapshots, bounds, logger }: TakingOptions): Promise<void> {
  try {
    await snapshots.prune(bounds.keep, bounds.keepMs)
  } catch (error) {
    logger.warn({ error: String(error) }, 'Old heap snapshots could not be removed.')
  }
}

function refused(message: string, estimate: HeapSnapshotEstimate | null = null): SnapshotOutcome {
  return { kind: 'refused', message, estimate }
}

/** The refusal that tells an outcome that is none. */
export function refusalOf({ message, estimate }: Extract<SnapshotOutcome, { kind: 'refused' }>): Refusal {
  return new Refusal('SNAPSHOT_REFUSED', message, { estimate })
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MB`
const milliseconds = (ms: number) => `${ms.toLocaleString('en')} ms`
