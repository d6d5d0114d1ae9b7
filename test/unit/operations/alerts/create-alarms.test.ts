import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AlertReading } from '../../../../src/core/alerts.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import { createAlarms, type ProcessAlarms } from '../../../../src/services/operations/alerts/create-alarms.ts'
import type { ToldAlert } from '../../../../src/services/operations/alerts/told-alert.ts'

const start = Date.UTC(2030, 0, 1)
const minute = 60_000
const high = (value: number): AlertReading => ({ value, limit: 1, unit: 'BYTES', message: `There are ${value}.` })

let told: ToldAlert[] = []
let alarms: ProcessAlarms

beforeEach(() => {
  vi.useFakeTimers({ now: start })
  told = []
  alarms = createAlarms({
    clock: systemClock,
    origin: { member: 2, nodeId: 'node_2' },
    listeners: [(one) => void told.push(one)],
  })
})
afterEach(() => {
  alarms.stop()
  vi.useRealTimers()
})

/** What was told and when, in minutes. */
const timeline = () => told.map(({ type, at }) => [type, (at - start) / minute])

describe('an alert', () => {
  it('is told when it is raised, every five minutes while it lasts, and when it is over', () => {
    alarms.set('HEAP_HIGH', high(2))
    vi.advanceTimersByTime(12 * minute)
    alarms.set('HEAP_HIGH', null)
    vi.advanceTimersByTime(12 * minute)
    expect(timeline()).toEqual([
      ['AlertRaised', 0],
      ['AlertRepeated', 5],
      ['AlertRepeated', 10],
      ['AlertCleared', 12],
    ])
    expect(new Set(told.map(({ alert }) => alert.id)).size).toBe(1)
    expect(told.at(-1)?.alert).toEqual({
      id: expect.stringMatching(/^alr_/),
      kind: 'HEAP_HIGH',
      severity: 'CRITICAL',
      ...high(2),
      member: 2,
      nodeId: 'node_2',
      raisedAt: start,
      toldAt: start + 12 * minute,
      clearedAt: start + 12 * minute,
    })
  })

  it('is told once however often it is said, and again with the figures as they are then', () => {
    for (let second = 0; second <= 300; second += 1) {
      alarms.set('RSS_HIGH', high(second))
      alarms.set('DISK_LOW', null)
      vi.advanceTimersByTime(1_000)
    }
    expect(told.map(({ type, alert }) => [type, alert.kind, alert.value])).toEqual([
      ['AlertRaised', 'RSS_HIGH', 0],
      ['AlertRepeated', 'RSS_HIGH', 299],
    ])
  })

  it('that comes back within five minutes is told when they are over, as a new one, since when it came back', () => {
    alarms.set('BUS_DOWN', high(1))
    vi.advanceTimersByTime(minute)
    alarms.set('BUS_DOWN', null)
    vi.advanceTimersByTime(minute)
    alarms.set('BUS_DOWN', high(2))
    expect(alarms.raised).toEqual(['BUS_DOWN'])
    vi.advanceTimersByTime(2 * minute)
    expect(timeline()).toEqual([
      ['AlertRaised', 0],
      ['AlertCleared', 1],
    ])
    vi.advanceTimersByTime(2 * minute)
    expect(timeline().slice(2)).toEqual([['AlertRaised', 5]])
    expect(told[2]?.alert).toMatchObject({ value: 2, raisedAt: start + 2 * minute })
    expect(told[2]?.alert.id).not.toBe(told[0]?.alert.id)
  })

  it('that comes and goes all the time is told once and cleared once in five minutes', () => {
    for (let second = 0; second < 20 * 60; second += 1) {
      alarms.set('OVERLOADED', second % 2 === 0 ? high(second) : null)
      vi.advanceTimersByTime(1_000)
    }
    const raised = told.filter(({ type }) => type === 'AlertRaised').map(({ at }) => at)
    expect(raised).toHaveLength(4)
    for (const [index, at] of raised.entries())
      expect(at - (raised[index - 1] ?? -Infinity)).toBeGreaterThanOrEqual(5 * minute)
    expect(told.filter(({ type }) => type === 'AlertCleared')).toHaveLength(4)
    expect(told).toHaveLength(8)
  })

  it('that was not told is not told as over', () => {
    alarms.set('BUS_DOWN', high(1))
    alarms.set('BUS_DOWN', null)
    alarms.set('BUS_DOWN', high(2))
    alarms.set('BUS_DOWN', null)
    vi.advanceTimersByTime(10 * minute)
    expect(timeline()).toEqual([
      ['AlertRaised', 0],
      ['AlertCleared', 0],
    ])
    expect(alarms.raised).toEqual([])
  })

  it('of one kind says nothing of another', () => {
    alarms.set('HEAP_HIGH', high(1))
    vi.advanceTimersByTime(minute)
    alarms.set('RSS_HIGH', high(2))
    alarms.set('HEAP_HIGH', null)
    expect(told.map(({ type, alert }) => `${type} ${alert.kind}`)).toEqual([
      'AlertRaised HEAP_HIGH',
      'AlertRaised RSS_HIGH',
      'AlertCleared HEAP_HIGH',
    ])
    expect(alarms.raised).toEqual(['RSS_HIGH'])
  })

  it('is told again when the clock was set back', () => {
    alarms.set('HEAP_HIGH', high(1))
    vi.setSystemTime(start - 60 * minute)
    vi.advanceTimersByTime(5 * minute + 1_000)
    expect(told.map(({ type }) => type)).toEqual(['AlertRaised', 'AlertRepeated', 'AlertRepeated'])
  })

  it('says no more than 500 characters, and no half of one', () => {
    alarms.set('HEAP_HIGH', { ...high(1), message: `${'x'.repeat(499)}😀 and so on` })
    expect(told[0]?.alert.message).toBe(`${'x'.repeat(499)}�…`)
  })
})

describe('the end of the process', () => {
  it('clears what was raised, saying why, and what is said later is not heard', () => {
    alarms.set('HEAP_HIGH', high(3))
    alarms.stop()
    alarms.set('RSS_HIGH', high(1))
    vi.advanceTimersByTime(10 * minute)
    expect(told.map(({ type, alert }) => [type, alert.message])).toEqual([
      ['AlertRaised', 'There are 3.'],
      ['AlertCleared', 'The process stopped. Before: There are 3.'],
    ])
    expect(alarms.raised).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
