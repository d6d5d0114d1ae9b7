import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { Records, Store } from '../../../../src/ports/store.ts'
import { createStoreLatency } from '../../../../src/services/operations/shedding/store-latency.ts'
import { watchStore } from '../../../../src/services/operations/watch-store.ts'
import { openTestStore } from '../../../support/open-test-store.ts'

function open() {
  let at = 0
  const told: [string, number][] = []
  const latency = createStoreLatency({ now: () => at, onAnswered: (kind, ms) => void told.push([kind, ms]) })
  return { latency, told, pass: (ms: number) => void (at += ms) }
}

describe('the latency of the store', () => {
  it('is the least of what was answered lately, and none where nothing is asked', () => {
    const { latency, told, pass } = open()
    expect(latency.read()).toBe(0)
    for (const ms of [1_500, 20, 1_700]) {
      const done = latency.onWork('read')
      pass(ms)
      done()
    }
    expect(latency.read()).toBe(20)
    expect(told).toEqual([
      ['read', 1_500],
      ['read', 20],
      ['read', 1_700],
    ])
    pass(2_000)
    expect(latency.read()).toBe(0)
  })

  it('is the age of the oldest question where that is more, whatever else was answered', () => {
    const { latency, pass } = open()
    latency.onWork('write')()
    const first = latency.onWork('write')
    pass(1_000)
    expect(latency.read()).toBe(1_000)
    const second = latency.onWork('write')
    pass(2_000)
    expect(latency.read()).toBe(3_000)
    first()
    expect(latency.read()).toBe(3_000)
    pass(2_001)
    expect(latency.read()).toBe(4_001)
    second()
    expect(latency.read()).toBe(4_001)
    pass(2_000)
    expect(latency.read()).toBe(0)
  })

  it('is that of writes where they wait and reads go on, and of reads where they do', () => {
    for (const [slow, quick] of [
      ['write', 'read'],
      ['read', 'write'],
    ] as const) {
      const { latency, pass } = open()
      const answered = latency.onWork(slow)
      for (let i = 0; i < 100; i += 1) {
        const done = latency.onWork(quick)
        pass(50)
        done()
      }
      expect(latency.read()).toBe(5_000)
      expect(latency.readWrites()).toBe(slow === 'write' ? 5_000 : 50)
      answered()
      pass(1_000)
      const done = latency.onWork(quick)
      done()
      expect(latency.read()).toBe(5_000)
    }
  })

  it('shows that another process holds the lock, while reads go on', async () => {
    await using store = await openTestStore()
    let at = 0
    const latency = createStoreLatency({ now: () => at, onAnswered: () => undefined })
    const watched = watchStore(store, latency.onWork)
    using other = new DatabaseSync(store.path)
    other.exec('begin immediate')
    const written = watched.write(({ settings }) => settings.set('storeId', 'another', null))
    for (let i = 0; i < 100; i += 1) {
      at += 20
      await watched.read(({ settings }) => settings.get('storeId'))
    }
    expect([latency.read(), latency.readWrites()]).toEqual([2_000, 2_000])
    other.exec('rollback')
    await written
    at += 2_000
    expect(latency.readWrites()).toBe(0)
  })

  it('is that of what goes through the store, failures among it, and changes nothing about it', async () => {
    await using store = await openTestStore()
    const told: string[] = []
    const watched = watchStore(store, (kind) => {
      told.push(`asked for a ${kind}`)
      return () => void told.push(`the ${kind} is over`)
    })
    expect(watched.id).toBe(store.id)
    expect(await watched.read(async () => 7)).toBe(7)
    const fault = new Error('It fails.')
    await expect(
      watched.write(async () => {
        throw fault
      }),
    ).rejects.toBe(fault)
    expect(told).toEqual(['asked for a read', 'the read is over', 'asked for a write', 'the write is over'])
  })

  it('of a store that never answers is told of nobody, and held for no longer than that', async () => {
    const { promise, resolve } = Promise.withResolvers<never>()
    const never: Pick<Store, 'read'> = { read: <T>(_: (records: Records) => Promise<T>) => promise }
    const { latency, pass } = open()
    const watched = watchStore(never as Store, latency.onWork) // only read
    const asked = watched.read(async () => 1)
    pass(5_000)
    expect(latency.read()).toBe(5_000)
    resolve(undefined as never)
    await asked
    expect(latency.read()).toBe(5_000)
    pass(2_001)
    expect(latency.read()).toBe(0)
  })
})
