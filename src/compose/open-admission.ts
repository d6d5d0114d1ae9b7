import { createLoadProbe } from '../adapters/local/load-probe.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import type { Readings } from '../core/metrics.ts'
import type { Alarms } from '../ports/alarms.ts'
import type { MemoryProbe } from '../ports/memory-probe.ts'
import type { Figures, Meter } from '../ports/meter.ts'
import type { Store } from '../ports/store.ts'
import { type CountedAdmission, createAdmission } from '../services/operations/shedding/admission.ts'
import { createPressure, type LoadReading, type Pressure } from '../services/operations/shedding/pressure.ts'
import { raiseLoadAlarms } from '../services/operations/shedding/raise-load-alarms.ts'
import { createSensors } from '../services/operations/shedding/sensors.ts'
import { createStoreLatency, type StoreLatency } from '../services/operations/shedding/store-latency.ts'
import type { ThreadWaits } from '../services/operations/shedding/thread-waits.ts'
import { watchStore } from '../services/operations/watch-store.ts'

export interface AdmissionFoundation {
  readonly storeLatency: StoreLatency
  readonly threadWaits: Pick<ThreadWaits, 'read'>
  readonly pool: { readonly threads: number }
  readonly memoryProbe: Pick<MemoryProbe, 'sample'>
  readonly figures: Figures
  readonly alarms: Pick<Alarms, 'set'>
  readonly clock: Clock
}

/** A pressure that somebody else decides on, for tests. */
export type GivenPressure = Pick<Pressure, 'value' | 'reason' | 'over'>

/** How often the sensors are read: of a process that sheds nothing, only for the alarms. In ms. */
const everyMs = 50
const everyMsWhenOff = 1_000

const now = () => performance.now()

/** The store, and how long it takes: what everybody is given from now on. */
export function openWatchedStore(store: Store, meter: Pick<Meter, 'observe'>) {
  const storeLatency = createStoreLatency({
    now,
    onAnswered: (kind, ms) => meter.observe('millrace_store_seconds', { kind }, ms / 1_000),
  })
  return { store: watchStore(store, storeLatency.onWork), storeLatency }
}

/** Has this process shed what it cannot carry, and tell of it, until it is disposed of. */
export function openAdmission(
  { operations, processes }: Pick<Config, 'operations' | 'processes'>,
  { storeLatency, threadWaits, pool, memoryProbe, figures, alarms, clock }: AdmissionFoundation,
  given: GivenPressure | null = null,
): CountedAdmission & Disposable {
  const { isOn, loopDelayMs, queueMs } = operations.shedding
  const queue = (): LoadReading => ({ sensor: 'queue age', value: threadWaits.read(), limit: queueMs })
  const sensors = createSensors({ now, loop: createLoadProbe(), memory: memoryProbe, loopDelayMs, store: storeLatency })
  const pressure = createPressure()
  const admission = createAdmission({ isOn, pressure: given ?? pressure, queue, threads: pool.threads * processes })
  const tellAlarms = raiseLoadAlarms({ alarms, clock })

  let at = now()
  const look = () => {
    const before = at
    at = now()
    const readings = sensors.read()
    pressure.step(readings, at - before, admission.refusedSoFar())
    tellAlarms({ readings: [...readings, queue()], pressure: admission.pressure })
  }
  const timer = setInterval(look, isOn ? everyMs : everyMsWhenOff)
  timer.unref()
  const stopTelling = figures.addSource(() => sheddingFigures(admission))
  // Not a copy: its figures are read when they are asked for.
  return Object.assign(admission, {
    [Symbol.dispose]() {
      clearInterval(timer)
      stopTelling()
    },
  })
}

function sheddingFigures(admission: Pick<CountedAdmission, 'pressure' | 'refused'>): Readings {
  return {
    millrace_shedding_pressure: [{ labels: {}, value: admission.pressure }],
    millrace_shed_total: admission.refused.map(({ workClass, reason, count }) => ({
      labels: { class: workClass, reason },
      value: count,
    })),
  }
}
