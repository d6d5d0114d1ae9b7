import {
  type LoadSensor,
  pressureOf,
  refusedShare,
  type SheddingStatus,
  type WorkClass,
} from '../../../core/shedding.ts'

/** What a sensor has seen. */
export interface LoadReading {
  readonly sensor: LoadSensor
  readonly value: number
  /** What it may be at most. */
  readonly limit: number
  /** What it is steered by once anything is refused for it: the value, or one that tells sooner. */
  readonly steer: number
  /** Where `steer` is brought to then: below the limit, so that it does not go up and down around that. */
  readonly aim: number
  /** Up to which pressure it can bring it, 0 to 1: what it says nothing about is not refused for it. */
  readonly most: number
}

/** All that the sensors say at one time. */
export interface LoadReadings {
  readonly readings: readonly LoadReading[]
  /** Which part of the time the event loop was busy, 0 to 1. */
  readonly utilisation: number
}

/** How much was refused of each class so far. */
export type RefusedSoFar = Readonly<Record<WorkClass, number>>

/** How hard load is shed, from what sensors say. */
export interface Pressure {
  /** 0 to 1. */
  readonly value: number
  /** The sensor for which most is refused; `null` while nothing is. */
  readonly reason: LoadSensor | null
  readonly over: SheddingStatus['over']
  /** Goes on by so many ms, in which things stood so. */
  step(readings: LoadReadings, ms: number, refused: RefusedSoFar): void
}

/**
 * How fast pressure rises per second when something is just over its limit, and the greatest ratio that counts: it rises by the square of
 * how many times over it is, since a queue that has built up must not be served first.
 */
const risePerSecond = 0.1
const mostRatio = 8
/** How fast it falls per second when there is nothing to do any more; slower the more there is to do. */
const fallPerSecond = 0.6
/** Above it, what is refused is what keeps the loop from being late: pressure does not fall to nothing. */
export const busyUtilisation = 0.9
const leastWhenBusy = 0.01
/** How fast it follows the loop's delay per second, times the logarithm of how many times the aim it is. */
const steerPerSecond = 0.03
/** A loop that stood still for long is no reason to leap, in ms. */
const longestStepMs = 250
/** How long it is seen what refusing all of a class does before any of the next one is refused: a little over what the sensors look back, in ms. */
const dwellMs = 300

/** Pressure that rises while a sensor is over its limit, and falls more slowly when it is below its aim. */
export function createPressure(): Pressure {
  const bySensor = new Map<LoadSensor, number>()
  const steps = new Map<LoadSensor, ClassByClass>()
  let over: SheddingStatus['over'] = []

  function top(): readonly [LoadSensor | null, number] {
    let highest: readonly [LoadSensor | null, number] = [null, 0]
    for (const [sensor, value] of bySensor) if (value > highest[1]) highest = [sensor, value]
    return highest
  }

  return {
    get value() {
      return top()[1]
    },
    get reason() {
      return top()[0]
    },
    get over() {
      return over
    },
    step({ readings, utilisation }, ms, refused) {
      const stepMs = Math.min(ms, longestStepMs)
      for (const reading of readings) {
        const { sensor, most } = reading
        const before = bySensor.get(sensor) ?? 0
        const floor = sensor === 'loop delay' && utilisation > busyUtilisation ? Math.min(before, leastWhenBusy) : 0
        const wanted = Math.max(floor, before + (changePerSecond(reading, before, utilisation) * stepMs) / 1_000)
        const classByClass = steps.get(sensor) ?? createClassByClass()
        steps.set(sensor, classByClass)
        const isOver = reading.value > reading.limit
        bySensor.set(sensor, Math.min(most, classByClass({ before, wanted, isOver, ms: stepMs, refused })))
      }
      over = readings
        .filter(({ value, limit }) => value > limit)
        .map(({ sensor, value, limit }) => ({ sensor, value, limit }))
      const isHeld = utilisation > busyUtilisation && (bySensor.get('loop delay') ?? 0) > 0
      if (isHeld) over = [...over, { sensor: 'loop utilisation', value: utilisation, limit: busyUtilisation }]
    },
  }
}

function changePerSecond(reading: LoadReading, before: number, utilisation: number): number {
  const { sensor, value, steer, limit, aim, most } = reading
  if (value > limit) return most * risePerSecond * Math.min(mostRatio, value / limit) ** 2
  if (before === 0) return 0
  if (sensor !== 'loop delay') return steer > aim ? most * risePerSecond : -fallPerSecond
  if (utilisation < busyUtilisation) return -fallPerSecond * (1 - utilisation / busyUtilisation)
  return steerPerSecond * Math.min(3, Math.max(-3, Math.log(steer / aim)))
}

interface Rise {
  readonly before: number
  readonly wanted: number
  readonly isOver: boolean
  readonly ms: number
  readonly refused: RefusedSoFar
}

type ClassByClass = (rise: Rise) => number

/** Where all of a class is refused, and none of the next one. */
const brinks: readonly (readonly [pressure: number, below: WorkClass])[] = [
  [pressureOf('work'), 'work'],
  [pressureOf('work', 'change'), 'change'],
]

/**
 * Stops a rise at each brink until it has been seen whether refusing all of the class below is enough: the next one is touched only while
 * the limit is exceeded in spite of it. Where none of the class below was there to be refused, there is nothing to wait for.
 */
function createClassByClass(): ClassByClass {
  let heldMs = 0
  let last: RefusedSoFar = { work: 0, change: 0, read: 0 }

  return ({ before, wanted, isOver, ms, refused }) => {
    const seen = last
    last = refused
    for (const [pressure, below] of brinks) {
      if (before > pressure || wanted <= pressure) continue
      const isAbsent = refusedShare(below, before) > 0 && refused[below] === seen[below]
      if (isOver && isAbsent) continue
      heldMs = before < pressure ? 0 : heldMs + ms
      if (!isOver || heldMs < dwellMs) return pressure
    }
    return wanted
  }
}
