import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPulse, type PulseMember } from '../../../../src/server/streams/pulse.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function member() {
  const calls = { beats: 0, late: 0 }
  const one: PulseMember = { beat: () => (calls.beats += 1), late: () => (calls.late += 1) }
  return { one, calls }
}

describe('a pulse', () => {
  it('beats for each once in a round, and not for all at once', async () => {
    const pulse = createPulse(12_000)
    const members = Array.from({ length: 600 }, member)
    for (const { one } of members) pulse.join(one)
    let most = 0
    for (let before = 0, at = 0; at < 12_000; at += 100) {
      await vi.advanceTimersByTimeAsync(100)
      const beats = members.reduce((sum, { calls }) => sum + calls.beats, 0)
      most = Math.max(most, beats - before)
      before = beats
    }
    expect(members.map(({ calls }) => calls.beats)).toEqual(Array.from({ length: 600 }, () => 1))
    expect(most).toBe(5)
    await vi.advanceTimersByTimeAsync(24_000)
    expect(members.every(({ calls }) => calls.beats === 3)).toBe(true)
    for (const { one } of members) pulse.leave(one)
  })

  it('has the first turn of who comes first after a whole round, again and again', async () => {
    const pulse = createPulse(12_000)
    for (let time = 0; time < 3; time += 1) {
      const { one, calls } = member()
      pulse.join(one)
      await vi.advanceTimersByTimeAsync(11_999)
      expect(calls.beats).toBe(0)
      await vi.advanceTimersByTimeAsync(1)
      expect(calls.beats).toBe(1)
      await vi.advanceTimersByTimeAsync(700)
      pulse.leave(one)
    }
  })

  it('has a timer only while somebody is there', () => {
    const pulse = createPulse(1_000)
    const [a, b] = [member(), member()]
    expect(vi.getTimerCount()).toBe(0)
    pulse.join(a.one)
    pulse.join(b.one)
    expect(vi.getTimerCount()).toBe(1)
    pulse.leave(a.one)
    pulse.leave(a.one)
    expect(vi.getTimerCount()).toBe(1)
    pulse.leave(b.one)
    expect(vi.getTimerCount()).toBe(0)
    pulse.join(a.one)
    expect(vi.getTimerCount()).toBe(1)
    pulse.leave(a.one)
  })

  it('tells once who has waited too long, and not before', async () => {
    const pulse = createPulse(12_000)
    const { one, calls } = member()
    pulse.join(one)
    await vi.advanceTimersByTimeAsync(50)
    pulse.expect(one, 1_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(calls.late).toBe(0)
    await vi.advanceTimersByTimeAsync(200)
    expect(calls.late).toBe(1)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(calls.late).toBe(1)
    pulse.leave(one)
  })

  it('forgets what has come, and counts anew what is expected anew', async () => {
    const pulse = createPulse(12_000)
    const [met, renewed, gone] = [member(), member(), member()]
    for (const { one } of [met, renewed, gone]) {
      pulse.join(one)
      pulse.expect(one, 1_000)
    }
    await vi.advanceTimersByTimeAsync(900)
    pulse.met(met.one)
    pulse.expect(renewed.one, 1_000)
    pulse.leave(gone.one)
    pulse.expect(gone.one, 100)
    await vi.advanceTimersByTimeAsync(900)
    expect([met, renewed, gone].map(({ calls }) => calls.late)).toEqual([0, 0, 0])
    await vi.advanceTimersByTimeAsync(300)
    expect([met, renewed, gone].map(({ calls }) => calls.late)).toEqual([0, 1, 0])
    pulse.leave(met.one)
    pulse.leave(renewed.one)
  })

  it('lets its members leave while it beats', async () => {
    const pulse = createPulse(100)
    const { one, calls } = member()
    const leaving: PulseMember = { beat: () => pulse.leave(leaving), late: () => undefined }
    pulse.join(leaving)
    pulse.join(one)
    await vi.advanceTimersByTimeAsync(100)
    expect(calls.beats).toBe(1)
    pulse.leave(one)
    expect(vi.getTimerCount()).toBe(0)
  })
})
