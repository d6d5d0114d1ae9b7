import { describe, expect, it } from 'vitest'
import type { LoadSensor, WorkClass } from '../../../../src/core/shedding.ts'
import { createPressure, type SheddingReading } from '../../../../src/services/operations/shedding/pressure.ts'
import { type Judged, riseAndFall } from '../../../../src/services/operations/shedding/rise-and-fall.ts'
import { steeredByLoop } from '../../../../src/services/operations/shedding/steered-by-loop.ts'

/** Late all the time, and at the moment. */
const loop =
  (value: number, turnMs = value) =>
  (utilisation: number) => ({
    sensor: 'loop delay' as const,
    value,
    limit: 10,
    next: steeredByLoop({ delayMs: value, turnMs, utilisation, limitMs: 10 }),
  })
const plain = (sensor: LoadSensor, judged: Judged) => () => ({ sensor, ...judged, next: riseAndFall(judged) })
/** Of something that is no reason to refuse more than new jobs. */
const heap = (value: number) => plain('memory', { value, limit: 100, aim: 90, most: 1 / 3 })
const store = (value: number) => plain('store latency', { value, limit: 1_000, aim: 500, most: 2 / 3 })

const everyMs = 50
/** What the loop brings it to: a little is served all the same. */
const most = 0.995
const noneRefused = { work: 0, change: 0, read: 0 }

/** A pressure that has had the readings for so long; what it was at each step. Something of each class that is asked for is refused in each. */
function drive(...asked: readonly WorkClass[]) {
  const pressure = createPressure()
  let refused = noneRefused
  return {
    pressure,
    go(
      ms: number,
      utilisation: number,
      ...readings: readonly ((utilisation: number) => SheddingReading)[]
    ): readonly number[] {
      return Array.from({ length: ms / everyMs }, () => {
        for (const workClass of asked) refused = { ...refused, [workClass]: refused[workClass] + 1 }
        pressure.step(
          readings.map((reading) => reading(utilisation)),
          everyMs,
          refused,
        )
        return pressure.value
      })
    },
  }
}

describe('pressure', () => {
  it('is none while all is below its limit, however busy the loop is', () => {
    const { go, pressure } = drive()
    expect(Math.max(...go(10_000, 1, loop(10), heap(100), store(999)))).toBe(0)
    expect([pressure.reason, pressure.over]).toEqual([null, []])
  })

  it('rises while something is over its limit, the faster the more it is over, and never beyond 1', () => {
    const slight = drive().go(1_000, 1, loop(11)).at(-1)
    const heavy = drive().go(1_000, 1, loop(40)).at(-1)
    expect(slight).toBeGreaterThan(0)
    expect(slight).toBeLessThan(1)
    expect(heavy).toBe(most)
    const { go, pressure } = drive()
    const steps = go(5_000, 1, loop(80))
    expect(steps).toEqual(steps.toSorted((a, b) => a - b))
    expect(pressure.value).toBe(most)
    expect(pressure.reason).toBe('loop delay')
    expect(pressure.over).toContainEqual({ sensor: 'loop delay', value: 80, limit: 10 })
  })

  it('is steered to the aim while the loop is busy, and does not fall to nothing', () => {
    const { go, pressure } = drive()
    go(3_000, 1, loop(80))
    expect(pressure.value).toBe(most)
    // There is room.
    go(3_000, 0.97, loop(0.1))
    expect(pressure.value).toBeGreaterThan(2 / 3)
    expect(pressure.value).toBeLessThan(0.9)
    const { value } = pressure
    // As late as it is steered to be.
    go(60_000, 0.97, loop(0.8))
    expect(pressure.value).toBeCloseTo(value)
    // Late again, but no more than it may be.
    go(5_000, 0.97, loop(2, 3))
    expect(pressure.value).toBeGreaterThan(value)
    go(600_000, 0.95, loop(0.1))
    expect(pressure.value).toBeCloseTo(0.01)
    expect(pressure.over).toEqual([])
  })

  it('is not steered beyond a class as long as nothing is over its limit', () => {
    const { go, pressure } = drive()
    go(100, 1, loop(20))
    expect(pressure.value).toBeGreaterThan(0)
    expect(pressure.value).toBeLessThan(1 / 3)
    go(600_000, 1, loop(9))
    expect(pressure.value).toBeCloseTo(1 / 3)
    go(600_000, 1, loop(0.1))
    expect(pressure.value).toBeGreaterThan(0)
    expect(pressure.value).toBeLessThan(0.02)
  })

  it('falls more slowly than it rose, faster the less there is to do, to nothing', () => {
    const { go } = drive()
    const up = go(2_000, 1, loop(40)).findIndex((value) => value === most)
    const down = go(10_000, 0.1, loop(0)).findIndex((value) => value === 0)
    expect(up).toBeGreaterThan(0)
    expect(down).toBeGreaterThan(up)
    const busier = drive()
    busier.go(2_000, 1, loop(40))
    expect(busier.go(10_000, 0.6, loop(0)).findIndex((value) => value === 0)).toBeGreaterThan(down)
  })

  it('brings a sensor that speaks of new jobs alone to no more than a third, and one of changes to two thirds', () => {
    const jobs = drive()
    jobs.go(60_000, 0, heap(10_000))
    expect(jobs.pressure.value).toBeCloseTo(1 / 3)
    expect(jobs.pressure.reason).toBe('memory')
    const changes = drive()
    changes.go(60_000, 0, store(10_000), heap(10_000))
    expect(changes.pressure.value).toBeCloseTo(2 / 3)
    expect(changes.pressure.reason).toBe('store latency')
  })

  it('is that of the sensor for which most is refused, and lets go of each by itself, busy loop or not', () => {
    const { go, pressure } = drive()
    go(60_000, 1, store(2_000), heap(200))
    go(60_000, 1, store(0), heap(200))
    expect([pressure.value, pressure.reason]).toEqual([expect.closeTo(1 / 3), 'memory'])
    go(60_000, 1, store(0), heap(0))
    expect([pressure.value, pressure.reason]).toEqual([0, null])
  })

  it('waits before it goes from one class to the next, as long as some of the first is asked for', () => {
    const alone = drive().go(300, 1, loop(80))
    expect(alone).toEqual([0.32, 0.64, 0.96, 1, 1, 1].map((value) => expect.closeTo(value, 1)))
    const { go, pressure } = drive('work')
    expect(Math.max(...go(350, 1, loop(80)))).toBeCloseTo(1 / 3)
    // What was refused is enough.
    go(5_000, 0.95, loop(0.8))
    expect(pressure.value).toBeCloseTo(1 / 3)
    // It is not any more.
    go(2_000, 1, loop(80))
    expect(pressure.value).toBe(most)
  })

  it('does not leap after the process stood still', () => {
    const { pressure } = drive()
    pressure.step([loop(11)(1)], 3_600_000, noneRefused)
    expect(pressure.value).toBeLessThan(0.1)
  })
})
