import type { Bus } from '../../ports/bus.ts'
import { type Repeat, repeatEvery } from './position-check.ts'

/** About how often somebody looks while the bus is not live, in ms. */
const pause = { minMs: 400, maxMs: 600 }

export interface OutageCheckOptions {
  readonly bus: Pick<Bus, 'isLive' | 'onChange'>
  /** One look while the bus is not live. Must not reject. */
  look(): Promise<void>
  /** Looks at everything, once messages come through again or some are known to be lost. Must not reject. */
  lookAtAll(): Promise<void>
  /** By default about every half second. */
  readonly repeat?: Repeat
}

/** Looks for itself as long as the bus is not live, and once when it is again. Call the result to stop. */
export function lookWhileNotLive({
  bus,
  look,
  lookAtAll,
  repeat = repeatEvery(pause),
}: OutageCheckOptions): () => void {
  let stopLooking: (() => void) | null = null
  let isLooking = false
  let again = false

  /** What is asked for during a look is done after it, once: what it found may be older. */
  async function lookOnce(): Promise<void> {
    again = true
    if (isLooking) return
    isLooking = true
    while (again) {
      again = false
      await lookAtAll()
    }
    isLooking = false
  }

  function heed(isLive: boolean): void {
    if (!isLive) {
      stopLooking ??= repeat(look)
      return
    }
    stopLooking?.()
    stopLooking = null
    void lookOnce()
  }

  const stopHearing = bus.onChange(heed)
  if (!bus.isLive) heed(false)
  return () => {
    stopHearing()
    stopLooking?.()
    again = false
  }
}
