import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDrain, type Drain } from '../../../../src/server/streams/drain.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

/** Joins; tells when it was called, and leaves at once upon the calls that are named. */
function join(drain: Drain, leavesUpon: readonly ('wake' | 'force')[] = ['wake', 'force']) {
  const calls = { wake: [] as number[], force: [] as number[] }
  const called = (name: 'wake' | 'force') => () => {
    calls[name].push(Date.now())
    if (leavesUpon.includes(name)) member.leave()
  }
  const member = drain.join({ wake: called('wake'), force: called('force') })
  return { calls, leave: () => member.leave() }
}

function joinMany(drain: Drain, count: number) {
  return Array.from({ length: count }, () => join(drain))
}

/** Whether a promise has been resolved by now. */
function watch(promise: Promise<void>): { isDone: boolean } {
  const state = { isDone: false }
  void promise.then(() => (state.isDone = true))
  return state
}

describe('a drain', () => {
  it('wakes its members one by one over four fifths of its time, each once, and is closed with the last of them', async () => {
    const drain = createDrain()
    const members = joinMany(drain, 400)
    const closed = watch(drain.close(10_000))
    const wokenIn: number[] = []
    for (let woken = 0; wokenIn.length < 4;) {
      expect(closed.isDone).toBe(false)
      await vi.advanceTimersByTimeAsync(2_000)
      const now = members.filter(({ calls }) => calls.wake.length === 1).length
      wokenIn.push(now - woken)
      woken = now
    }
    expect(closed.isDone).toBe(true)
    expect(wokenIn.reduce((sum, count) => sum + count)).toBe(400)
    // A hundred are to be expected in each quarter; 50 and 150 are more than five standard deviations away.
    for (const count of wokenIn) expect(Math.abs(count - 100)).toBeLessThan(50)
    expect(new Set(members.map(({ calls }) => calls.wake[0])).size).toBeGreaterThan(300)
    expect(members.flatMap(({ calls }) => calls.force)).toEqual([])
  })

  it('wakes all at once when no share of the time is for waking', async () => {
    const drain = createDrain(0)
    const members = joinMany(drain, 50)
    const closed = watch(drain.close(10_000))
    await vi.advanceTimersByTimeAsync(1)
    expect(members.every(({ calls }) => calls.wake.length === 1)).toBe(true)
    expect(closed.isDone).toBe(true)
  })

  it('forces at the deadline, and not before, who has been woken and is still there', async () => {
    const drain = createDrain()
    const [quick, slow] = [join(drain), join(drain, ['force'])]
    const closed = watch(drain.close(10_000))
    await vi.advanceTimersByTimeAsync(9_999)
    expect([slow.calls.wake.length, slow.calls.force, closed.isDone]).toEqual([1, [], false])
    await vi.advanceTimersByTimeAsync(1)
    expect([slow.calls.force, quick.calls.force, closed.isDone]).toEqual([[10_000], [], true])
  })

  it('is not closed while somebody is there who was forced and has not left yet', async () => {
    const drain = createDrain()
    const stuck = join(drain, [])
    const closed = watch(drain.close(1_000))
    await vi.advanceTimersByTimeAsync(5_000)
    expect([stuck.calls.force, closed.isDone]).toEqual([[1_000], false])
    stuck.leave()
    await vi.advanceTimersByTimeAsync(0)
    expect(closed.isDone).toBe(true)
  })

  it('ends at once who joins when it has begun, but not before it has been let in', async () => {
    const drain = createDrain()
    expect(drain.started).toBe(false)
    const first = join(drain, ['force'])
    const closed = watch(drain.close(10_000))
    expect(drain.started).toBe(true)
    const late = join(drain)
    expect(late.calls.wake).toEqual([])
    await vi.advanceTimersByTimeAsync(0)
    expect([late.calls.wake, closed.isDone]).toEqual([[0], false])
    await vi.advanceTimersByTimeAsync(6_000)
    const stuck = join(drain, ['force'])
    await vi.advanceTimersByTimeAsync(4_000)
    expect([stuck.calls, first.calls.force]).toEqual([{ wake: [6_000], force: [10_000] }, [10_000]])
    expect(closed.isDone).toBe(true)
  })

  it('can be closed twice: nobody is woken twice, and the earlier deadline counts', async () => {
    const drain = createDrain()
    const woken = joinMany(drain, 20)
    const stuck = join(drain, ['force'])
    const both = [watch(drain.close(10_000)), watch(drain.close(1_000))]
    await vi.advanceTimersByTimeAsync(800)
    expect(woken.every(({ calls }) => calls.wake.length === 1)).toBe(true)
    await vi.advanceTimersByTimeAsync(200)
    expect([stuck.calls.wake.length, stuck.calls.force]).toEqual([1, [1_000]])
    expect(both).toEqual([{ isDone: true }, { isDone: true }])
    await vi.advanceTimersByTimeAsync(20_000)
    expect(woken.every(({ calls }) => calls.wake.length === 1 && calls.force.length === 0)).toBe(true)
  })

  it('is closed at once when nobody is there, before it begins or any more', async () => {
    const drain = createDrain()
    join(drain).leave()
    await drain.close(10_000)
    await drain.close(10_000)
    expect([drain.started, vi.getTimerCount()]).toEqual([true, 0])
  })

  it('does not keep the process alive for those who left by themselves', async () => {
    const drain = createDrain()
    const members = joinMany(drain, 20)
    const closed = watch(drain.close(10_000))
    for (const { leave } of members) leave()
    await vi.advanceTimersByTimeAsync(0)
    expect([closed.isDone, vi.getTimerCount()]).toEqual([true, 0])
    expect(members.flatMap(({ calls }) => calls.wake)).toEqual([])
  })
})
