import type { BusStatus } from '../../core/cluster.ts'
import type { Clock } from '../../core/clock.ts'
import type { Bus } from '../../ports/bus.ts'

/** How the line of a bus stands, as far as it was watched. */
export interface WatchedBus extends Disposable {
  status(): BusStatus
}

/** Watches the bus from now on: `since` is no earlier. */
export function watchBus(bus: Pick<Bus, 'isLive' | 'onChange'>, kind: BusStatus['kind'], clock: Clock): WatchedBus {
  let seen = { isLive: bus.isLive, since: clock.now() }
  const look = () => {
    if (bus.isLive !== seen.isLive) seen = { isLive: bus.isLive, since: clock.now() }
  }
  const stop = bus.onChange(look)
  return {
    status() {
      look()
      return { kind, ...seen }
    },
    [Symbol.dispose]: stop,
  }
}
