/**
 * Time as this process lived through it. While it was stopped, or its event loop stood still, at most two ticks pass: whoever is
 * said to have been silent for so long had so long to be heard.
 */
export interface AwakeTime extends Disposable {
  /** Milliseconds since it was made. */
  readonly ms: number
}

export interface AwakeTimeOptions {
  readonly everyMs: number
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs?: () => number
  tick(): void
}

/** Ticks until it is disposed of. */
export function keepAwakeTime({ everyMs, monotonicMs = () => performance.now(), tick }: AwakeTimeOptions): AwakeTime {
  let lived = 0
  let tickedAt = monotonicMs()
  const sinceTick = () => Math.min(monotonicMs() - tickedAt, 2 * everyMs)
  const timer = setInterval(() => {
    lived += sinceTick()
    tickedAt = monotonicMs()
    tick()
  }, everyMs)

  return {
    get ms() {
      return lived + sinceTick()
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
