import { createLoadProbe } from './adapters/local/load-probe.ts'
import type { Config } from './config.ts'
import type { Clock } from './core/clock.ts'
import type { Readings } from './core/metrics.ts'
import type { Alarms } from './ports/alarms.ts'
import type { Figures, Meter } from './ports/meter.ts'
import type { Store } from './ports/store.ts'
import type { QueueDepthReader } from './services/jobs/queue-depth.ts'
import { type Admission, type CountedAdmission, createAdmission } from './services/operations/shedding/admission.ts'
import { createPressure, type Pressure } from './services/operations/shedding/pressure.ts'
import { raiseLoadAlarms } from './services/operations/shedding/raise-load-alarms.ts'
import { createSensors } from './services/operations/shedding/sensors.ts'
import { createStoreLatency, type StoreLatency } from './services/operations/shedding/store-latency.ts'
import { watchStore } from './services/operations/watch-store.ts'

export interface AdmissionFoundation {
  readonly storeLatency: StoreLatency
  readonly queueDepth: Pick<QueueDepthReader, 'oldestDueMs'>
  readonly figures: Figures
  readonly alarms: Pick<Alarms, 'set'>
  readonly clock: Clock
}

/** A pressure that somebody else decides on, for tests. */
export type GivenPressure = Pick<Pressure, 'value' | 'reason' | 'over'>

/** How often the sensors are read: of a process that sheds nothing, only for the alarms. In ms. */
const everyMs = 50
const everyMsWhenOff = 1_000
const queueEveryMs = 2_000

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
  { operations }: Pick<Config, 'operations'>,
  { storeLatency, queueDepth, figures, alarms, clock }: AdmissionFoundation,
  given: GivenPressure | null = null,
): Admission & Disposable {
  const { isOn, ...limits } = operations.shedding
  let queueAgeMs = 0
  const probe = createLoadProbe()
  const sensors = createSensors({ now, probe, limits, queueAgeMs: () => queueAgeMs, store: storeLatency })
  const pressure = createPressure()
  const admission = createAdmission({ isOn, pressure: given ?? pressure })
  const tellAlarms = raiseLoadAlarms({ alarms, clock })

  let at = now()
  const look = () => {
    const before = at
    at = now()
    const seen = sensors.read()
    pressure.step(seen, at - before, admission.status().refused)
    tellAlarms({ readings: seen.readings, pressure: admission.pressure })
  }
  const askQueue = () =>
    queueDepth.oldestDueMs().then(
      (ms) => (queueAgeMs = ms),
      // What was known holds: that the store does not answer is seen by another sensor.
      () => undefined,
    )
  const timers = [setInterval(look, isOn ? everyMs : everyMsWhenOff), setInterval(() => void askQueue(), queueEveryMs)]
  for (const timer of timers) timer.unref()
  const stopTelling = figures.addSource(() => sheddingFigures(admission))
  return {
    ...admission,
    get pressure() {
      return admission.pressure
    },
    [Symbol.dispose]() {
      for (const timer of timers) clearInterval(timer)
      stopTelling()
    },
  }
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
