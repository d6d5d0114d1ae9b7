import type { AlertKind, AlertUnit } from '../../../core/alerts.ts'
import type { Clock } from '../../../core/clock.ts'
import { type LoadSensor, refusedShare, type WorkClass, workClasses } from '../../../core/shedding.ts'
import type { Alarms } from '../../../ports/alarms.ts'
import { heldFor, type HoldTimes } from '../alerts/held-for.ts'
import type { LoadReading } from './pressure.ts'

export interface LoadAlarmsOptions {
  readonly alarms: Pick<Alarms, 'set'>
  readonly clock: Clock
}

/** What was seen just now. */
export interface SeenLoad {
  readonly readings: readonly LoadReading[]
  readonly pressure: number
}

/** What has been so for less is no alert. */
const times: HoldTimes = { riseMs: 10_000, fallMs: 30_000 }
/** How often alarms are told how things stand, in ms. */
const everyMs = 1_000

/** Raises `OVERLOADED`, `QUEUE_OLD` and `STORE_SLOW`. To be told of each look, however many there are. */
export function raiseLoadAlarms({ alarms, clock }: LoadAlarmsOptions): (seen: SeenLoad) => void {
  const tellPressure = createTeller('OVERLOADED', 'RATIO', alarms)
  const tellQueue = createTeller('QUEUE_OLD', 'MILLISECONDS', alarms)
  const tellStore = createTeller('STORE_SLOW', 'MILLISECONDS', alarms)
  let toldAt = -Infinity

  return ({ readings, pressure }) => {
    const now = clock.now()
    // A clock that was set back must not silence it.
    if (now >= toldAt && now - toldAt < everyMs) return
    toldAt = now
    tellPressure(now, { value: pressure, limit: 0 }, overloaded)
    tellQueue(now, find(readings, 'queue age'), (value) => `Jobs wait for threads for ${seconds(value)} or more.`)
    tellStore(
      now,
      find(readings, 'store latency'),
      (value) => `The database takes ${seconds(value)} or more to answer.`,
    )
  }
}

type Figure = Pick<LoadReading, 'value' | 'limit'>

function createTeller(kind: AlertKind, unit: AlertUnit, alarms: Pick<Alarms, 'set'>) {
  const isHeld = heldFor(times)
  let last: Figure = { value: 0, limit: 0 }
  return (now: number, figure: Figure, sentence: (value: number) => string) => {
    const isOver = figure.value > figure.limit
    if (isOver) last = figure
    alarms.set(kind, isHeld(isOver, now) ? { ...last, unit, message: sentence(last.value) } : null)
  }
}

function find(readings: readonly LoadReading[], sensor: LoadSensor): Figure {
  return readings.find((reading) => reading.sensor === sensor) ?? { value: 0, limit: 0 }
}

function overloaded(pressure: number): string {
  const classes = workClasses.filter((workClass) => refusedShare(workClass, pressure) > 0).map((one) => words[one])
  return `Some of this is refused, to keep the rest fast: ${classes.join(', ')} (pressure ${pressure.toFixed(2)}).`
}

const words = { work: 'new jobs', change: 'changes and new streams', read: 'queries' } as const satisfies Record<
  WorkClass,
  string
>

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
