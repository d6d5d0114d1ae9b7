import { Refusal } from '../../../core/errors.ts'
import {
  type LoadSensor,
  refusedShare,
  type SheddingStatus,
  type WorkClass,
  workClasses,
} from '../../../core/shedding.ts'
import type { Pressure } from './pressure.ts'

/** Decides what is refused, so that the rest stays fast. All of it returns at once. */
export interface Admission {
  /** Throws `OVERLOADED`, with the time to wait, where one more of the class is too much at the moment. */
  admit(workClass: WorkClass): void
  /** The same without an error: whether one of the class is refused; it is counted as refused then. */
  refuses(workClass: WorkClass): boolean
  /** 0: nothing is refused. */
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
}

export interface AdmissionOptions {
  readonly isOn: boolean
  readonly pressure: Pick<Pressure, 'value' | 'reason' | 'over'>
  /** 0 to 1. */
  readonly random?: () => number
}

/** The sentence of every refusal for load. */
export const overloadedSentence = 'The server has more to do than it can carry: try again after the given time.'

const leastWaitSeconds = 1
const mostWaitSeconds = 10

export function createAdmission({ isOn, pressure, random = Math.random }: AdmissionOptions): CountedAdmission {
  const counts = new Map<LoadSensor, Record<WorkClass, number>>()

  function refuses(workClass: WorkClass): boolean {
    const { value } = pressure
    if (!isOn || value === 0) return false
    const share = refusedShare(workClass, value)
    if (share === 0 || random() >= share) return false
    const reason = pressure.reason ?? 'loop delay'
    const count = counts.get(reason) ?? { work: 0, change: 0, read: 0 }
    count[workClass] += 1
    counts.set(reason, count)
    return true
  }

  function retryAfterSeconds(): number {
    const middle = leastWaitSeconds + pressure.value * (mostWaitSeconds - leastWaitSeconds)
    return Math.max(leastWaitSeconds, Math.round(middle * (0.5 + random())))
  }

  return {
    refuses,
    retryAfterSeconds,
    admit(workClass) {
      if (refuses(workClass))
        throw new Refusal('OVERLOADED', overloadedSentence, { retryAfterSeconds: retryAfterSeconds() })
    },
    get pressure() {
      return isOn ? pressure.value : 0
    },
    get refused() {
      return [...counts].flatMap(([reason, count]) =>
        workClasses.map((workClass) => ({ workClass, reason, count: count[workClass] })),
      )
    },
    status() {
      const sums = { work: 0, change: 0, read: 0 }
      for (const count of counts.values()) for (const workClass of workClasses) sums[workClass] += count[workClass]
      return { isOn, pressure: isOn ? pressure.value : 0, over: pressure.over, refused: sums }
    },
  }
}

/** Where nothing is refused. */
export const admitsAll: Admission = createAdmission({
  isOn: false,
  pressure: { value: 0, reason: null, over: [] },
})
