import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { within } from '../../../src/core/within.ts'

const never = new Promise<string>(() => {})

describe('work with a deadline', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('gives what it gives, rejects as it does, and leaves no timer', async () => {
    expect(await within(10, Promise.resolve('done'), 'late')).toBe('done')
    expect(await within(10, 'there', 'late')).toBe('there')
    await expect(within(10, Promise.reject(new Error('It failed.')), 'late')).rejects.toThrow('It failed.')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives the late value once the time is up, by default nothing', async () => {
    const both = Promise.all([within(10, never, 'late'), within(10, never)])
    vi.advanceTimersByTime(10)
    expect(await both).toEqual(['late', undefined])
  })

  it('keeps the process alive until then unless it is told not to', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    void within(10, never, null, { keepsAlive: false })
    void within(10, never, null)
    expect(timers.mock.results.map(({ value }) => value.hasRef())).toEqual([false, true])
    timers.mockRestore()
  })
})
