import { describe, expect, it } from 'vitest'
import type { LoadSensor } from '../../../../src/core/shedding.ts'
import { createPressure } from '../../../../src/services/operations/shedding/pressure.ts'
import { createSensors } from '../../../../src/services/operations/shedding/sensors.ts'

const noMemory = { at: 0, rss: 0, heapTotal: 0, external: 0, arrayBuffers: 0 }

/** Sensors of a process that a test is in the place of, looked at every 50 ms. */
function openSensors() {
  let at = 0
  const seen = { turnMs: 0, utilisation: 0, heap: 0, storeMs: 0 }
  const sensors = createSensors({
    now: () => at,
    loop: { readLoop: () => ({ turnMs: seen.turnMs, utilisation: seen.utilisation }) },
    memory: { sample: () => ({ ...noMemory, heapUsed: seen.heap * 4_096, heapLimit: 4_096 }) },
    loopDelayMs: 10,
    store: { read: () => seen.storeMs },
  })
  const pressure = createPressure()
  let readings = sensors.read()
  return {
    seen,
    pressure,
    /** Looks so many times. */
    look(times: number, forMs = 50) {
      for (let i = 0; i < times; i += 1) {
        at += forMs
        readings = sensors.read()
        pressure.step(readings, forMs, { work: 0, change: 0, read: 0 })
      }
    },
    reading: (sensor: LoadSensor) => readings.find((reading) => reading.sensor === sensor),
  }
}

describe('the sensors', () => {
  it('take no notice of a single stall, and of one every now and then', () => {
    const { seen, look, pressure } = openSensors()
    for (let round = 0; round < 50; round += 1) {
      Object.assign(seen, { turnMs: 0.5, utilisation: 0.4 })
      look(4)
      Object.assign(seen, { turnMs: 300, utilisation: 1 })
      look(1, 300)
      expect(pressure.value).toBe(0)
    }
  })

  it('see within a quarter of a second that the loop is late all the time', () => {
    const { seen, look, pressure } = openSensors()
    look(20)
    Object.assign(seen, { turnMs: 40, utilisation: 1 })
    look(3)
    expect(pressure.value).toBe(0)
    look(2)
    expect(pressure.value).toBeGreaterThan(0)
  })

  it('do not take a loop for late that has time to wait, however long its turns', () => {
    const { seen, look, pressure } = openSensors()
    Object.assign(seen, { turnMs: 60, utilisation: 0.85 })
    look(200)
    expect(pressure.value).toBe(0)
  })

  it('hold the pressure while the loop is busy, whatever its delay', () => {
    const { seen, look, pressure } = openSensors()
    Object.assign(seen, { turnMs: 40, utilisation: 1 })
    look(12)
    const { value } = pressure
    Object.assign(seen, { turnMs: 1, utilisation: 0.97 })
    look(200)
    expect(pressure.value).toBeGreaterThanOrEqual(value)
    Object.assign(seen, { turnMs: 1, utilisation: 0.3 })
    look(200)
    expect(pressure.value).toBe(0)
  })

  it('take memory for short only when it stays so through collections', () => {
    const { seen, look, pressure } = openSensors()
    for (let round = 0; round < 20; round += 1) {
      seen.heap = 0.95
      look(60)
      seen.heap = 0.4
      look(20)
    }
    expect(pressure.value).toBe(0)
    seen.heap = 0.9
    look(400)
    expect(pressure.reason).toBe('memory')
    expect(pressure.value).toBeCloseTo(2 / 3)
  })

  it('take the store for slow when it is so at more than one look, however far apart', () => {
    for (const everyMs of [50, 1_000]) {
      const { seen, reading, look, pressure } = openSensors()
      look(5, everyMs)
      seen.storeMs = 1_500
      look(1, everyMs)
      expect(reading('store latency')).toMatchObject({ value: 0, limit: 1_000 })
      expect(pressure.value).toBe(0)
      look(6, everyMs)
      expect(reading('store latency')).toMatchObject({ value: 1_500, limit: 1_000 })
      expect(pressure.over.map(({ sensor }) => sensor)).toEqual(['store latency'])
      expect(pressure.reason).toBe('store latency')
    }
  })
})
