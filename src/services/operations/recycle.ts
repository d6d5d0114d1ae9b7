import type { MemorySign } from '../../core/memory.ts'
import type { HostProcess } from '../../ports/host-process.ts'
import type { Logger } from '../../ports/logger.ts'

export interface RecycleOptions {
  readonly host: Pick<HostProcess, 'leave'>
  readonly logger: Logger
  /** For how long the process has lived, in ms. */
  uptimeMs(): number
  /** How old it must be, in ms. By default five minutes: one whose successor is as big at once must not be replaced for ever. */
  readonly leastUptimeMs?: number | undefined
}

/** Has a process leave that takes too much memory. */
export interface Recycling {
  /** To be called for as long as it lasts, as often as one likes. */
  over(kind: MemorySign['kind']): void
  /** Whether it was asked to leave of late. */
  readonly isLeaving: boolean
}

/** What the end of a process helps against for sure. A growth may be a cache that is being filled. */
const sentences: Partial<Record<MemorySign['kind'], string>> = {
  HEAP_HIGH: 'Its JavaScript heap is over MEMORY_HEAP_MB.',
  RSS_HIGH: 'Its memory is over MEMORY_RSS_MB.',
}

const usualLeastUptimeMs = 300_000
/** When one that is still there asks again, in ms: its successor did not get ready, or nobody has heard it. */
const askAgainMs = 300_000

/** Asks to leave, once it is old enough, and again every five minutes while the alert lasts. */
export function createRecycling({ host, logger, uptimeMs, leastUptimeMs }: RecycleOptions): Recycling {
  let askedAt = Number.NEGATIVE_INFINITY
  let isWarned = false
  const isLeaving = () => uptimeMs() - askedAt < askAgainMs

  return {
    over(kind) {
      const sentence = sentences[kind]
      if (sentence === undefined || isLeaving()) return
      const leftMs = (leastUptimeMs ?? usualLeastUptimeMs) - uptimeMs()
      if (leftMs <= 0) {
        askedAt = uptimeMs()
        host.leave(sentence)
        return
      }
      if (isWarned) return
      isWarned = true
      logger.warn(
        { kind, inSeconds: Math.ceil(leftMs / 1000) },
        'The process should leave for its memory, and has just started: it leaves later, if that lasts.',
      )
    },
    get isLeaving() {
      return isLeaving()
    },
  }
}
