import { type Alert, type AlertKind, alertKinds, type AlertReading } from '../../../core/alerts.ts'
import type { Clock } from '../../../core/clock.ts'
import { newId } from '../../../core/ids.ts'
import type { Alarms } from '../../../ports/alarms.ts'
import { type AlertListener, alertWindowMs, type ToldAlert } from './told-alert.ts'

export interface AlarmsOptions {
  readonly clock: Clock
  /** The process that raises them. */
  readonly origin: Pick<Alert, 'member' | 'nodeId'>
  readonly listeners: readonly AlertListener[]
}

/** The alarms of a process, until they are stopped. */
export interface ProcessAlarms extends Alarms {
  /** Tells of all that is raised that it is over, since its process is; takes nothing more. */
  stop(): void
}

/** How often it is looked whether something is to be told again, in ms. */
const everyMs = 1_000
/** The most characters of a message. */
const maxMessage = 500

/**
 * Tells the listeners when something goes over its limit, every five minutes while it lasts, and when it is over. What comes back within
 * five minutes after it was told last is told when these are over, as a new alert, if it has lasted until then.
 */
export function createAlarms(options: AlarmsOptions): ProcessAlarms {
  const conditions = new Map<AlertKind, Condition>()
  let isStopped = false
  const timer = setInterval(() => {
    for (const condition of conditions.values()) condition.look()
  }, everyMs)
  timer.unref()

  return {
    set(kind, reading) {
      if (isStopped) return
      if (reading === null) {
        conditions.get(kind)?.clear()
        return
      }
      const condition = conditions.get(kind) ?? new Condition(kind, options)
      conditions.set(kind, condition)
      condition.raise(reading)
    },
    get raised() {
      return [...conditions].filter(([, { isRaised }]) => isRaised).map(([kind]) => kind)
    },
    stop() {
      isStopped = true
      clearInterval(timer)
      for (const condition of conditions.values()) condition.clear('The process stopped.')
    },
  }
}

/** How things stand with one kind. */
class Condition {
  readonly #kind: AlertKind
  readonly #options: AlarmsOptions
  /** `null` while nothing is over its limit. */
  #reading: AlertReading | null = null
  /** Since when it has been over its limit, where it is. */
  #since = 0
  /** What was told and not cleared. */
  #alert: Alert | null = null
  /** When it was told last that it is raised, or lasts. */
  #toldAt = -Infinity

  constructor(kind: AlertKind, options: AlarmsOptions) {
    this.#kind = kind
    this.#options = options
  }

  get isRaised(): boolean {
    return this.#reading !== null
  }

  raise(reading: AlertReading): void {
    const isNew = this.#reading === null
    this.#reading = reading
    if (!isNew) return
    this.#since = this.#options.clock.now()
    this.look()
  }

  /** Tells what is due. */
  look(): void {
    const { clock, origin } = this.#options
    const now = clock.now()
    if (this.#reading === null || isWithinWindow(this.#toldAt, now)) return
    const kind = this.#kind
    const { severity } = alertKinds[kind]
    const begun = this.#alert ?? { id: newId('alert'), kind, severity, ...origin, raisedAt: this.#since }
    const type = this.#alert === null ? 'AlertRaised' : 'AlertRepeated'
    this.#toldAt = now
    this.#alert = { ...begun, ...bounded(this.#reading), toldAt: now, clearedAt: null }
    this.#tell(type, this.#alert)
  }

  /** Nothing is over its limit any more; `why` where that is not why. */
  clear(why?: string): void {
    const alert = this.#alert
    this.#reading = null
    this.#alert = null
    if (alert === null) return
    const now = this.#options.clock.now()
    const message = why === undefined ? alert.message : `${why} Before: ${alert.message}`
    this.#tell('AlertCleared', { ...alert, message, toldAt: now, clearedAt: now })
  }

  #tell(type: ToldAlert['type'], alert: Alert): void {
    for (const listener of this.#options.listeners) listener({ type, at: alert.toldAt, alert })
  }
}

/** A time to come was told before the clock was set back: it says nothing. */
function isWithinWindow(toldAt: number, now: number): boolean {
  return toldAt <= now && now - toldAt < alertWindowMs
}

function bounded({ message, value, limit, unit }: AlertReading): AlertReading {
  const short = message.length <= maxMessage ? message : `${message.slice(0, maxMessage).toWellFormed()}…`
  return { value, limit, unit, message: short }
}
