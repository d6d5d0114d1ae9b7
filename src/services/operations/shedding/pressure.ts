import type { LoadSensor, SheddingStatus } from '../../../core/shedding.ts'
import { type ClassByClass, createClassByClass, type RefusedSoFar } from './class-by-class.ts'

/** What a sensor has seen. */
export interface LoadReading {
  readonly sensor: LoadSensor
  readonly value: number
  /** What it may be at most. */
  readonly limit: number
}

/** What a pressure, 0 to 1, becomes within so many ms. */
export type PressureLaw = (before: number, ms: number) => number

/** A reading by which load is shed, and how. */
export interface SheddingReading extends LoadReading {
  readonly next: PressureLaw
}

/** How hard load is shed, from what sensors say. */
export interface Pressure {
  /** 0 to 1. */
  readonly value: number
  /** The sensor for which most is refused; `null` while nothing is. */
  readonly reason: LoadSensor | null
  readonly over: SheddingStatus['over']
  /** Goes on by so many ms, in which things stood so. */
  step(readings: readonly SheddingReading[], ms: number, refused: RefusedSoFar): void
}

/** The most that counts of a stretch in which nothing was measured, in ms: five times what lies between two looks. */
const longestStepMs = 250

interface Shed {
  readonly value: number
  readonly classByClass: ClassByClass
}

/** The highest of the pressures that the readings bring about, each by its own law, and class by class. */
export function createPressure(): Pressure {
  const bySensor = new Map<LoadSensor, Shed>()
  let top: readonly [LoadSensor | null, number] = [null, 0]
  let over: SheddingStatus['over'] = []

  return {
    get value() {
      return top[1]
    },
    get reason() {
      return top[0]
    },
    get over() {
      return over
    },
    step(readings, ms, refused) {
      const stepMs = Math.min(ms, longestStepMs)
      for (const { sensor, value, limit, next } of readings) {
        const { value: before, classByClass } = bySensor.get(sensor) ?? { value: 0, classByClass: createClassByClass() }
        const rise = { before, wanted: next(before, stepMs), isOver: value > limit, ms: stepMs, refused }
        bySensor.set(sensor, { value: classByClass(rise), classByClass })
      }
      top = [null, 0]
      for (const [sensor, { value }] of bySensor) if (value > top[1]) top = [sensor, value]
      over = readings
        .filter(({ value, limit }) => value > limit)
        .map(({ sensor, value, limit }) => ({ sensor, value, limit }))
    },
  }
}
