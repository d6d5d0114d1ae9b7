import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { recycleWhenCrippled } from '../../../src/services/operations/recycle-when-crippled.ts'

describe('a process whose threads are held by native code', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
  afterEach(() => void vi.useRealTimers())

  const watch = (threads: number) => {
    const load = { threads, zombieThreads: 0 }
    const reasons: string[] = []
    const stop = recycleWhenCrippled(
      () => load,
      (reason) => reasons.push(reason),
    )
    return { load, reasons, stop }
  }

  it('asks once for a successor when half of them have been lost for ten seconds', () => {
    const { load, reasons } = watch(4)
    load.zombieThreads = 2
    vi.advanceTimersByTime(9_000)
    expect(reasons).toEqual([])
    vi.advanceTimersByTime(60_000)
    expect(reasons).toEqual(['2 of its 4 threads were ended and are held by native code all the same.'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits for those that come back, and for fewer than half', () => {
    const { load, reasons, stop } = watch(3)
    load.zombieThreads = 2
    vi.advanceTimersByTime(9_000)
    load.zombieThreads = 1
    vi.advanceTimersByTime(60_000)
    load.zombieThreads = 2
    vi.advanceTimersByTime(9_000)
    expect(reasons).toEqual([])
    stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is content without threads that are lost', () => {
    const { reasons, stop } = watch(0)
    vi.advanceTimersByTime(60_000)
    expect(reasons).toEqual([])
    stop()
  })
})
