import { Refusal } from '../../../core/errors.ts'
import {
  type LoadSensor,
  refusedShare,
  type SheddingStatus,
  type WorkClass,
  workClasses,
} from '../../../core/shedding.ts'
import type { RefusedSoFar } from './class-by-class.ts'
import type { LoadReading, Pressure } from './pressure.ts'

/** Decides what is refused, so that the rest stays fast. All of it returns at once. */
export interface Admission {
  /** Throws `OVERLOADED`, with the time to wait, where one more of the class is too much at the moment. */
  admit(workClass: WorkClass): void
  /** The same without an error: whether one of the class is refused; it is counted as refused then. */
  refuses(workClass: WorkClass): boolean
  /**
   * Throws `OVERLOADED` for a new job of an owner who has so many unfinished ones, while jobs wait for threads for too long. Whoever has
   * fewer than there are threads is not refused: others' jobs are not their fault.
   */
  admitJob(unfinished: number): void
  /** How much of what is asked for is refused, whoever asks; 0: nothing is. */
  readonly pressure: number
  /** What whoever is refused now should wait, in whole seconds: longer the more is refused, and not the same for everybody. */
  retryAfterSeconds(): number
  status(): SheddingStatus
}

/** What was refused of a class for a sensor, since the process began. */
export interface RefusedCount {
  readonly workClass: WorkClass
  readonly reason: LoadSensor
  readonly count: number
}

export interface CountedAdmission extends Admission {
  readonly refused: readonly RefusedCount[]
  refusedSoFar(): RefusedSoFar
}

export interface AdmissionOptions {
  readonly isOn: boolean
  readonly pressure: Pick<Pressure, 'value' | 'reason' | 'over'>
  /** How long jobs wait for threads, and may. By default none waits. */
  readonly queue?: () => LoadReading
  /** Those that run jobs here. */
  readonly threads?: number
  /** 0 to 1. */
  readonly random?: () => number
}

/** The sentence of every refusal for load. */
export const overloadedSentence = 'The server has more to do than it can carry: try again after the given time.'

/** That of a job that is refused since others wait. */
const queueOldSentence =
  'Jobs wait for too long, yours among them: try again after the given time, or when one of yours has ended.'

const leastWaitSeconds = 1
const mostWaitSeconds = 10

export function createAdmission(options: AdmissionOptions): CountedAdmission {
  const { isOn, pressure, queue = noneWaits, threads = 0, random = Math.random } = options
  const counts = new Map<LoadSensor, Record<WorkClass, number>>()
  const sums = { work: 0, change: 0, read: 0 }

  function refuses(workClass: WorkClass): boolean {
    const { value } = pressure
    if (!isOn || value === 0) return false
    const share = refusedShare(workClass, value)
    if (share === 0 || random() >= share) return false
    note(workClass, pressure.reason ?? 'loop delay')
    return true
  }

  function note(workClass: WorkClass, reason: LoadSensor): void {
    const count = counts.get(reason) ?? { work: 0, change: 0, read: 0 }
    count[workClass] += 1
    counts.set(reason, count)
    sums[workClass] += 1
  }

  /** Around a time that is longer the greater the part of 1 is. */
  function waitSeconds(part: number): number {
    const middle = leastWaitSeconds + part * (mostWaitSeconds - leastWaitSeconds)
    return Math.max(leastWaitSeconds, Math.round(middle * (0.5 + random())))
  }

  const retryAfterSeconds = () => waitSeconds(pressure.value)

  return {
    refuses,
    retryAfterSeconds,
    admit(workClass) {
      if (refuses(workClass))
        throw new Refusal('OVERLOADED', overloadedSentence, { retryAfterSeconds: retryAfterSeconds() })
    },
    admitJob(unfinished) {
      if (!isOn || unfinished < threads) return
      const { sensor, value, limit } = queue()
      if (value <= limit) return
      note('work', sensor)
      throw new Refusal('OVERLOADED', queueOldSentence, { retryAfterSeconds: waitSeconds(1) })
    },
    get pressure() {
      return isOn ? pressure.value : 0
    },
    get refused() {
      return [...counts].flatMap(([reason, count]) =>
        workClasses.map((workClass) => ({ workClass, reason, count: count[workClass] })),
      )
    },
    refusedSoFar: () => ({ ...sums }),
    status() {
      const { sensor, value, limit } = queue()
      const over = value > limit ? [...pressure.over, { sensor, value, limit }] : pressure.over
      return { isOn, pressure: isOn ? pressure.value : 0, over, refused: { ...sums } }
    },
  }
}

const noneWaits = (): LoadReading => ({ sensor: 'queue age', value: 0, limit: 0 })

/** Where nothing is refused. */
export const admitsAll: Admission = createAdmission({
  isOn: false,
  pressure: { value: 0, reason: null, over: [] },
})
