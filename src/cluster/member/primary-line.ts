import { createChangeListeners } from '../../core/change-listeners.ts'
import type { Logger } from '../../ports/logger.ts'
import { keepAwakeTime } from '../awake-time.ts'
import type { LineState } from '../line-state.ts'
import type { Peer } from '../peer.ts'

export interface PrimaryLineOptions {
  readonly peer: Peer
  readonly logger: Logger
  /** After how long without a word the primary is not heard, ms. */
  readonly silentMs: number
  /** Between two looks, ms. */
  readonly tickMs: number
  readonly monotonicMs?: () => number
  tick(): void
}

/** Whether the primary is heard: it says so each second, unless it is stopped or its event loop stands still. */
export interface PrimaryLine extends LineState, Disposable {}

export function watchPrimary(options: PrimaryLineOptions): PrimaryLine {
  const { peer, logger, silentMs, tickMs, monotonicMs, tick } = options
  const changes = createChangeListeners<boolean>((error) => {
    logger.error({ error: String(error) }, 'A listener to the line to the primary threw.')
  })
  let isLive = true
  let heardMs = 0

  function set(now: boolean): void {
    if (isLive === now) return
    isLive = now
    changes.tell(now)
  }

  const awake = keepAwakeTime({
    everyMs: tickMs,
    ...(monotonicMs && { monotonicMs }),
    tick() {
      if (awake.ms - heardMs >= silentMs) set(false)
      tick()
    },
  })
  const stops = [
    peer.onNotice('alive', () => {
      heardMs = awake.ms
      set(true)
    }),
  ]

  return {
    get isLive() {
      return isLive
    },
    onChange: changes.add,
    [Symbol.dispose]() {
      awake[Symbol.dispose]()
      for (const stop of stops) stop()
      changes.clear()
    },
  }
}
