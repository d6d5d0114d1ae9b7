import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStandstills } from '../../../src/workers/pool/standstills.ts'

describe('deadlines beside threads that stand still', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('leave out the time in which one of theirs does', () => {
    const standstills = createStandstills()
    const over: string[] = []
    standstills.after(
      100,
      (threadId) => threadId < 3,
      () => over.push('theirs'),
    )
    standstills.after(
      100,
      (threadId) => threadId === 3,
      () => over.push('of another'),
    )
    vi.advanceTimersByTime(60)
    const goOn = standstills.begin(1)
    const goOnToo = standstills.begin(2)
    vi.advanceTimersByTime(40)
    expect(over).toEqual(['of another'])
    vi.advanceTimersByTime(1_000)
    goOn()
    vi.advanceTimersByTime(1_000)
    goOnToo()
    vi.advanceTimersByTime(39)
    expect(over).toEqual(['of another'])
    vi.advanceTimersByTime(1)
    expect(over).toEqual(['of another', 'theirs'])
  })

  it('begin to count when the thread goes on, where they were set while it stood still', () => {
    const standstills = createStandstills()
    const goOn = standstills.begin(1)
    let isOver = false
    standstills.after(
      100,
      () => true,
      () => (isOver = true),
    )
    vi.advanceTimersByTime(1_000)
    goOn()
    vi.advanceTimersByTime(99)
    expect(isOver).toBe(false)
    vi.advanceTimersByTime(1)
    expect(isOver).toBe(true)
  })

  it('leave nothing behind that were called off or have gone off', () => {
    const standstills = createStandstills()
    let calls = 0
    const callOff = standstills.after(
      100,
      () => true,
      () => (calls += 1),
    )
    standstills.after(
      50,
      () => true,
      () => (calls += 1),
    )
    vi.advanceTimersByTime(60)
    const goOn = standstills.begin(1)
    callOff()
    goOn()
    vi.advanceTimersByTime(1_000)
    expect([calls, vi.getTimerCount()]).toEqual([1, 0])
  })
})
