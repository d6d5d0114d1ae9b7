import { pressureOf } from '../../../core/shedding.ts'
import type { LoadProbe } from '../../../ports/load-probe.ts'
import type { MemoryProbe } from '../../../ports/memory-probe.ts'
import { createLeast } from './least.ts'
import type { SheddingReading } from './pressure.ts'
import { riseAndFall } from './rise-and-fall.ts'
import { busyUtilisation, steeredByLoop } from './steered-by-loop.ts'
import type { StoreLatency } from './store-latency.ts'

/** What this process looks at to know whether it has too much to do. */
export interface Sensors {
  /** To be called every 50 ms or so: what was measured since the call before is one sample. */
  read(): readonly SheddingReading[]
}

export interface SensorsOptions {
  /** In ms; of any epoch. */
  readonly now: () => number
  readonly loop: LoadProbe
  readonly memory: Pick<MemoryProbe, 'sample'>
  readonly loopDelayMs: number
  readonly store: Pick<StoreLatency, 'read'>
}

/** Each limit holds for what was so all the time of a window. */
export function createSensors({ now, loop, memory, loopDelayMs, store }: SensorsOptions): Sensors {
  const readLoop = createLoopSensor(loop, loopDelayMs)
  const readMemory = createMemorySensor(memory)
  const readStore = createStoreSensor(store)
  return {
    read() {
      const at = now()
      return [readLoop(at), readMemory(at), readStore(at)]
    },
  }
}

type ReadSensor = (at: number) => SheddingReading

/** Four looks: an overload is seen within a quarter of a second, and a single long turn is none. In ms. */
const loopWindowMs = 200
/** After a stall the looks before it count: three looks, so that the two after it do not make an overload. */
const fewestTurns = 3
/** Of what is steered by, how much is that of the newest look: it follows within a quarter of a second. */
const smoothing = 0.25

function createLoopSensor(probe: LoadProbe, limitMs: number): ReadSensor {
  const turns = createLeast({ windowMs: loopWindowMs, fewest: fewestTurns, oldestMs: 10 * loopWindowMs })
  let utilisation = 0
  let turnMs = 0

  return (at) => {
    const loop = probe.readLoop()
    // A loop that had time to wait for something is not late all the time, however long its turns.
    turns.add(loop.utilisation > busyUtilisation ? loop.turnMs : 0, at)
    turnMs += smoothing * (loop.turnMs - turnMs)
    utilisation += smoothing * (loop.utilisation - utilisation)
    const delayMs = turns.read(at) ?? 0
    const next = steeredByLoop({ delayMs, turnMs, utilisation, limitMs })
    return { sensor: 'loop delay', value: delayMs, limit: limitMs, next }
  }
}

/** New jobs and changes make the heap and the record grow: to refuse queries for either would give back next to nothing. */
const most = pressureOf('work', 'change')

/** Of the greatest heap that V8 allows, garbage among it: what is left does for the requests under way. */
const heapLimit = 0.85
/** A collection that brings it below has made room for a while. */
const heapAim = 0.8
/** Long enough that a full collection, for which V8 has reason at such a heap, lies within it, in ms. */
const heapWindowMs = 5_000
/** A look costs 12 µs. In ms. */
const heapEveryMs = 500
/** Half of the looks of a window. */
const fewestHeaps = 5

function createMemorySensor(probe: Pick<MemoryProbe, 'sample'>): ReadSensor {
  const heap = createLeast({ windowMs: heapWindowMs, fewest: fewestHeaps })
  let readAt = -Infinity

  return (at) => {
    if (at - readAt >= heapEveryMs) {
      readAt = at
      const { heapUsed, heapLimit: greatest } = probe.sample()
      heap.add(heapUsed / greatest, at)
    }
    const judged = { value: heap.read(at) ?? 0, limit: heapLimit, aim: heapAim, most }
    return { sensor: 'memory', ...judged, next: riseAndFall(judged) }
  }
}

/** In ms: far more than any answer takes, and a tenth of what a write waits for the lock before it is given up. */
export const storeLimitMs = 1_000
/** Half of it: what is slow by itself stays near the limit, and would go up and down around it. */
const storeAimMs = 500
/** Two looks: after a stall of the loop everything has waited. */
const fewestWaits = 2
/** Where nothing is shed there is a look each second only. In ms. */
const oldestWaitMs = 5_000

function createStoreSensor(store: Pick<StoreLatency, 'read'>): ReadSensor {
  const waits = createLeast({ windowMs: loopWindowMs, fewest: fewestWaits, oldestMs: oldestWaitMs })

  return (at) => {
    waits.add(store.read(), at)
    const judged = { value: waits.read(at) ?? 0, limit: storeLimitMs, aim: storeAimMs, most }
    return { sensor: 'store latency', ...judged, next: riseAndFall(judged) }
  }
}
