import { pressureOf } from '../../../core/shedding.ts'
import type { LoadProbe } from '../../../ports/load-probe.ts'
import { createLeast } from './least.ts'
import { busyUtilisation, type LoadReading, type LoadReadings } from './pressure.ts'
import type { StoreLatency } from './store-latency.ts'

/** What this process looks at to know whether it has too much to do. */
export interface Sensors {
  /** To be called every 50 ms or so: what was measured since the call before is one sample. */
  read(): LoadReadings
}

export interface SensorsOptions {
  /** In ms; of any epoch. */
  readonly now: () => number
  readonly probe: Pick<LoadProbe, 'readLoop' | 'readHeap'>
  readonly limits: { readonly loopDelayMs: number; readonly queueMs: number }
  /** For how long the oldest job that is due has waited, ms, as far as is known. */
  readonly queueAgeMs: () => number
  readonly store: Pick<StoreLatency, 'read'>
}

const loopWindowMs = 200
/** Of the limit: what the loop's delay is steered to. */
const loopAim = 0.08
/** How much of the utilisation that is told is that of the newest sample. */
const smoothing = 0.25
/** Where refusing alone is too much already, a little is served all the same. */
const mostForDelay = 0.995
const heapWindowMs = 5_000
const heapEveryMs = 500
/** Of the greatest heap that V8 allows, after the collections of some seconds. */
const heapLimit = 0.85
const heapAim = 0.8
const storeLimitMs = 1_000
const storeAimMs = 500
/** Of the limit. */
const queueAim = 0.9

/** Each limit holds for what was so all the time of a window. */
export function createSensors({ now, probe, limits, queueAgeMs, store }: SensorsOptions): Sensors {
  const turns = createLeast({ windowMs: loopWindowMs, fewest: 3, oldestMs: 10 * loopWindowMs })
  const heap = createLeast({ windowMs: heapWindowMs, fewest: 5 })
  let heapReadAt = -Infinity
  let utilisation = 0
  let turnMs = 0

  function readHeap(at: number): number {
    if (at - heapReadAt >= heapEveryMs) {
      heapReadAt = at
      heap.add(probe.readHeap(), at)
    }
    return heap.read(at) ?? 0
  }

  return {
    read() {
      const at = now()
      const loop = probe.readLoop()
      // A loop that had time to wait for something is not late all the time, however long its turns.
      turns.add(loop.utilisation > busyUtilisation ? loop.turnMs : 0, at)
      turnMs += smoothing * (loop.turnMs - turnMs)
      utilisation += smoothing * (loop.utilisation - utilisation)
      const readings: readonly LoadReading[] = [
        {
          sensor: 'loop delay',
          value: turns.read(at) ?? 0,
          steer: turnMs,
          limit: limits.loopDelayMs,
          aim: limits.loopDelayMs * loopAim,
          most: mostForDelay,
        },
        {
          sensor: 'queue age',
          ...same(queueAgeMs()),
          limit: limits.queueMs,
          aim: limits.queueMs * queueAim,
          most: pressureOf('work'),
        },
        {
          sensor: 'memory',
          ...same(readHeap(at)),
          limit: heapLimit,
          aim: heapAim,
          most: pressureOf('work', 'change'),
        },
        {
          sensor: 'store latency',
          ...same(store.read()),
          limit: storeLimitMs,
          aim: storeAimMs,
          most: pressureOf('work', 'change'),
        },
      ]
      return { readings, utilisation }
    },
  }
}

function same(value: number): Pick<LoadReading, 'value' | 'steer'> {
  return { value, steer: value }
}
