import type { AlertKind } from '../../core/alerts.ts'
import type { HostProcess } from '../../ports/host-process.ts'
import type { Logger } from '../../ports/logger.ts'

export interface RecycleOptions {
  readonly host: Pick<HostProcess, 'leave'>
  readonly logger: Logger
  /** The kinds that are raised at the moment. */
  raised(): readonly AlertKind[]
  /** For how long the process has lived, in ms. */
  uptimeMs(): number
  /** How old it must be, in ms. By default five minutes: one whose successor is as big at once must not be replaced for ever. */
  readonly leastUptimeMs?: number | undefined
}

/** Has a process leave that takes too much memory. */
export interface Recycling extends Disposable {
  /** To be called when an alert is raised, as often as one likes. */
  over(kind: AlertKind): void
  /** Whether it was asked to leave. */
  readonly isLeaving: boolean
}

/** What the end of a process helps against for sure. A growth may be a cache that is being filled. */
const sentences: Partial<Record<AlertKind, string>> = {
  HEAP_HIGH: 'Its JavaScript heap is over MEMORY_HEAP_MB.',
  RSS_HIGH: 'Its memory is over MEMORY_RSS_MB.',
}

const usualLeastUptimeMs = 300_000

/** Asks once to leave; a young process does so when it is old enough, if the alert lasts until then. Dispose of it to stop waiting. */
export function createRecycling(options: RecycleOptions): Recycling {
  const { host, logger, raised, uptimeMs, leastUptimeMs = usualLeastUptimeMs } = options
  let hasLeft = false
  let timer: NodeJS.Timeout | null = null

  function leave(sentence: string): void {
    if (hasLeft) return
    hasLeft = true
    host.leave(sentence)
  }

  function lookAgain(): void {
    timer = null
    const kind = raised().find((each) => sentences[each] !== undefined)
    const sentence = kind && sentences[kind]
    if (sentence !== undefined) leave(sentence)
  }

  return {
    over(kind) {
      const sentence = sentences[kind]
      if (sentence === undefined || hasLeft || timer !== null) return
      const leftMs = leastUptimeMs - uptimeMs()
      if (leftMs <= 0) return leave(sentence)
      logger.warn(
        { kind, inSeconds: Math.ceil(leftMs / 1000) },
        'The process should leave for its memory, and has just started: it leaves later, if that lasts.',
      )
      timer = setTimeout(lookAgain, leftMs)
      timer.unref()
    },
    get isLeaving() {
      return hasLeft
    },
    [Symbol.dispose]() {
      hasLeft = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}
