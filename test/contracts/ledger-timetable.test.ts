import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { openTestStore } from '../support/open-test-store.ts'
import { claim, enter } from './fixtures/ledger-entries.ts'

const scheduled = (runAt: number) => ({ state: 'SCHEDULED', runAt }) as const

describe('jobs that wait', () => {
  it('are promoted when they are due, the longest due first, and nothing else is', async () => {
    await using store = await openTestStore()
    const ids: string[] = []
    for (const runAt of [30, 10, 20, 99]) ids.push((await enter(store, scheduled(runAt))).id)
    await enter(store, { runAt: 5 })
    const promote = (now: number, limit: number) => store.write(({ ledger }) => ledger.promote(now, limit))
    expect(new Set((await promote(50, 2)).map(({ id }) => ids.indexOf(id)))).toEqual(new Set([1, 2]))
    expect(await promote(50, 2)).toMatchObject([{ id: ids[0], state: 'QUEUED', runAt: 30 }])
    expect(await promote(50, 2)).toEqual([])
    expect(await promote(99, 2)).toMatchObject([{ id: ids[3] }])
  })

  it('are not claimed before they are promoted', async () => {
    await using store = await openTestStore()
    await enter(store, scheduled(10))
    expect(await claim(store)).toEqual([])
    await store.write(({ ledger }) => ledger.promote(10, 1))
    expect(await claim(store)).toHaveLength(1)
  })

  it('tell when the next one is due', async () => {
    await using store = await openTestStore()
    const nextDue = () => store.read(({ ledger }) => ledger.nextDue())
    expect(await nextDue()).toBeNull()
    await enter(store, { runAt: 5 })
    expect(await nextDue()).toBeNull()
    await enter(store, scheduled(30))
    await enter(store, scheduled(20))
    expect(await nextDue()).toBe(20)
    await store.write(({ ledger }) => ledger.promote(20, 1))
    expect(await nextDue()).toBe(30)
  })

  it('tell since when the one has been due that has waited longest', async () => {
    await using store = await openTestStore()
    const oldestDue = () => store.read(({ ledger }) => ledger.oldestDue())
    expect(await oldestDue()).toBeNull()
    await enter(store, scheduled(10))
    expect(await oldestDue()).toBeNull()
    await enter(store, { runAt: 30, ownerId: 'usr_2', task: 'halve' })
    await enter(store, { runAt: 20, priority: 9 })
    await enter(store, { runAt: 25 })
    expect(await oldestDue()).toBe(20)
    await claim(store, 1)
    expect(await oldestDue()).toBe(25)
    await claim(store, 9)
    expect(await oldestDue()).toBeNull()
    await store.write(({ ledger }) => ledger.promote(10, 1))
    expect(await oldestDue()).toBe(10)
  })

  it('expire when they have not begun in time, scheduled or queued, the longest over first', async () => {
    await using store = await openTestStore()
    const ids: string[] = []
    for (const expiresAt of [40, 20, 30, 51, null]) ids.push((await enter(store, { expiresAt })).id)
    const late = await enter(store, { ...scheduled(99), expiresAt: 50 })
    const expire = (now: number, limit: number) => store.write(({ ledger }) => ledger.expire(now, limit))
    expect(new Set((await expire(50, 2)).map(({ id }) => ids.indexOf(id)))).toEqual(new Set([1, 2]))
    const others = await expire(50, 9)
    expect(new Set(others.map(({ id }) => id))).toEqual(new Set([ids[0], late.id]))
    for (const job of others) expect(job).toMatchObject({ state: 'EXPIRED', finishedAt: 50, startedAt: null })
    expect(await expire(50, 9)).toEqual([])
    expect(await store.read(({ ledger }) => ledger.countUnfinished('usr_1'))).toBe(2)
  })

  it('do not expire once they run or have ended', async () => {
    await using store = await openTestStore()
    const [running, ended] = [await enter(store, { expiresAt: 3000 }), await enter(store, { expiresAt: 3000 })]
    await claim(store, 1)
    await store.write(({ ledger }) => ledger.update(ended.id, { states: ['QUEUED'] }, { state: 'CANCELLED' }))
    expect(await store.write(({ ledger }) => ledger.expire(9999, 10))).toEqual([])
    expect(await store.read(({ ledger }) => ledger.find(running.id))).toMatchObject({ state: 'RUNNING' })
  })

  it('are not claimed from the moment in which they expire', async () => {
    await using store = await openTestStore()
    await enter(store, { expiresAt: 2000, priority: 9 })
    const good = await enter(store, { expiresAt: 2001 })
    expect(await claim(store, 1, 'node_1', 2000)).toMatchObject([{ id: good.id, expiresAt: 2001 }])
    expect(await claim(store, 1, 'node_1', 2000)).toEqual([])
  })

  it('either expire or are claimed, when two stores on one file do both at once', async () => {
    await using store = await openTestStore()
    await using other = await sqliteStore({ path: store.path })
    for (let n = 0; n < 60; n += 1) await enter(store, { expiresAt: 2000 })
    const rounds = Array.from({ length: 10 }, () => [
      claim(store, 4, 'node_1', 1999),
      other.write(({ ledger }) => ledger.expire(2000, 4)),
    ])
    const ids = (await Promise.all(rounds.flat())).flat().map(({ id }) => id)
    expect(ids).toHaveLength(60)
    expect(new Set(ids).size).toBe(60)
  })
})
