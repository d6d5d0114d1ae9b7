import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { repeatWithJitter } from '../../../src/services/streams/position-check.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the position check', () => {
  it('is made again and again, 10 to 25 s after the last one, until it is stopped', async () => {
    const times: number[] = []
    const start = Date.now()
    const stop = repeatWithJitter(async () => void times.push(Date.now() - start))
    await vi.advanceTimersByTimeAsync(1_000_000)
    const pauses = times.map((time, index) => time - (times[index - 1] ?? 0))
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(10_000)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(25_000)
    expect(new Set(pauses).size).toBeGreaterThan(pauses.length / 2)
    expect(times.length).toBeGreaterThanOrEqual(1_000_000 / 25_000)
    stop()
    const made = times.length
    await vi.advanceTimersByTimeAsync(100_000)
    expect(times.length).toBe(made)
  })

  it('waits for one to end before it plans the next, and plans none once it was stopped meanwhile', async () => {
    const running = Promise.withResolvers<void>()
    let begun = 0
    const stop = repeatWithJitter(() => {
      begun += 1
      return running.promise
    })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(begun).toBe(1)
    stop()
    running.resolve()
    await vi.advanceTimersByTimeAsync(100_000)
    expect(begun).toBe(1)
  })
})
