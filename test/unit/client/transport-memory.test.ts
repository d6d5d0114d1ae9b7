import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clientTimes } from '../../../client/times.ts'
import { transportMemory } from '../../../client/transport-memory.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000 }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

let origins = 0
const newUrl = () => `https://memory-${(origins += 1)}.example/graphql`
const minutes = (count: number) => count * 60_000
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

/** A page with a storage of so many entries. */
function openPage(limit = 10, entries: Record<string, string> = {}) {
  vi.stubGlobal('document', {})
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => entries[key] ?? null,
    setItem(key: string, value: string) {
      if (Object.keys(entries).length >= limit) throw new DOMException('full', 'QuotaExceededError')
      entries[key] = value
    },
  })
  return entries
}

describe('the memory of transports', () => {
  it('knows nothing at first, then what works at an address, whatever its path', () => {
    const url = newUrl()
    const memory = transportMemory(url, clientTimes)
    expect([memory.name, memory.probeAt, memory.takeProbe()]).toEqual([null, 0, false])
    memory.works('sse')
    const same = transportMemory(new URL('/other', url).href, clientTimes)
    expect([same.name, same.probeAt]).toEqual(['sse', Date.now() + minutes(1)])
    expect(transportMemory(newUrl(), clientTimes).name).toBeNull()
  })

  it('gives the turn to try a better one to one alone, and later each time', () => {
    const url = newUrl()
    const [one, other] = [transportMemory(url, clientTimes), transportMemory(url, clientTimes)]
    one.works('poll')
    const waits: number[] = []
    for (let turn = 0; turn < 6; turn += 1) {
      waits.push((one.probeAt - Date.now()) / minutes(1))
      expect(other.takeProbe()).toBe(false)
      pass(one.probeAt - Date.now())
      expect([one.takeProbe(), other.takeProbe()]).toEqual([true, false])
      other.works('poll')
    }
    expect(waits).toEqual([1, 2, 4, 8, 15, 15])
  })

  it('is as patient as before when a better one works for a short while, and begins anew after a long one', () => {
    const memory = transportMemory(newUrl(), clientTimes)
    memory.works('poll')
    pass(minutes(1))
    memory.takeProbe()
    memory.works('ws')
    memory.works('poll')
    expect(memory.probeAt - Date.now()).toBe(minutes(2))
    memory.works('ws')
    pass(minutes(60))
    memory.works('poll')
    expect(memory.probeAt - Date.now()).toBe(minutes(1))
  })

  it('survives the page in its storage', () => {
    const entries = openPage()
    const url = newUrl()
    transportMemory(url, clientTimes).works('poll')
    const stored = entries[`millrace:transport:${new URL(url).origin}`] ?? ''
    const next = newUrl()
    openPage(10, { [`millrace:transport:${new URL(next).origin}`]: stored })
    expect(transportMemory(next, clientTimes)).toMatchObject({ name: 'poll', probeAt: Date.now() + minutes(1) })
  })

  it.each([
    'no JSON',
    'null',
    '[]',
    '{"name":"carrier pigeon","probeAt":0,"waitMs":60000}',
    '{"name":"sse","probeAt":"soon","waitMs":60000}',
    '{"name":"sse","probeAt":0,"waitMs":0}',
    '{"name":"sse","probeAt":0,"waitMs":1e99}',
    '{"name":"sse","probeAt":1e99,"waitMs":60000}',
  ])('takes nothing from a storage that has %s', (text) => {
    const url = newUrl()
    openPage(10, { [`millrace:transport:${new URL(url).origin}`]: text })
    expect(transportMemory(url, clientTimes).name).toBeNull()
  })

  it('does without a storage that is full or forbidden', () => {
    openPage(0)
    const memory = transportMemory(newUrl(), clientTimes)
    memory.works('sse')
    expect(memory.name).toBe('sse')
    vi.stubGlobal('localStorage', undefined)
    const other = transportMemory(newUrl(), clientTimes)
    other.works('sse')
    expect(other.name).toBe('sse')
  })

  it('is bounded', () => {
    const first = newUrl()
    transportMemory(first, clientTimes).works('sse')
    for (let n = 0; n < 100; n += 1) transportMemory(newUrl(), clientTimes).works('sse')
    expect(transportMemory(first, clientTimes).name).toBeNull()
  })
})
