import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import type { Job } from '../../src/core/job.ts'
import type { Store } from '../../src/ports/store.ts'
import { openTestStore } from '../support/open-test-store.ts'
import { enter } from './fixtures/ledger-entries.ts'

interface LimitedClaim {
  readonly limit: number
  readonly limits: Readonly<Record<string, number>>
  readonly nodeId?: string
  readonly now?: number
}

const claimWithin = (store: Store, { limit, limits, nodeId = 'node_1', now = 2000 }: LimitedClaim) =>
  store.write(({ ledger }) => ledger.claim({ nodeId, limit, now, concurrency: new Map(Object.entries(limits)) }))

const enterAll = async (store: Store, tasks: readonly string[]) => {
  const jobs: Job[] = []
  for (const task of tasks) jobs.push(await enter(store, { task }))
  return jobs
}

const tasksOf = (jobs: readonly Job[]) => jobs.map(({ task }) => task)
const idsOf = (jobs: readonly Job[]) => jobs.map(({ id }) => id)

describe('a claim of tasks of which only so many jobs may run', () => {
  it('takes as many of each as there is room for, in their turn, and passes by the others', async () => {
    await using store = await openTestStore()
    const jobs = await enterAll(store, ['a', 'a', 'a', 'b', 'b', 'c', 'a', 'c'])
    const taken = await claimWithin(store, { limit: 10, limits: { a: 2, b: 1 } })
    expect(idsOf(taken)).toEqual(idsOf([0, 1, 3, 5, 7].flatMap((index) => jobs[index] ?? [])))
    for (const job of taken)
      expect(job).toMatchObject({ state: 'RUNNING', fence: 1, nodeId: 'node_1', startedAt: 2000 })
    expect(await claimWithin(store, { limit: 10, limits: { a: 2, b: 1 } })).toEqual([])
  })

  it('counts what runs on every node, and no other state', async () => {
    await using store = await openTestStore()
    const [first] = await enterAll(store, ['a', 'a', 'a'])
    await claimWithin(store, { limit: 1, limits: { a: 2 }, nodeId: 'node_1' })
    expect(await claimWithin(store, { limit: 5, limits: { a: 2 }, nodeId: 'node_2' })).toHaveLength(1)
    expect(await claimWithin(store, { limit: 5, limits: { a: 2 }, nodeId: 'node_3' })).toEqual([])
    await store.write(({ ledger }) => ledger.update(first?.id ?? '', { states: ['RUNNING'] }, { state: 'SUCCEEDED' }))
    expect(await claimWithin(store, { limit: 5, limits: { a: 2 }, nodeId: 'node_3' })).toHaveLength(1)
  })

  it('takes the highest priority first, of all tasks together, and no more than it was asked for', async () => {
    await using store = await openTestStore()
    for (const [task, priority] of [
      ['a', 9],
      ['a', 8],
      ['b', 1],
      ['b', 7],
      ['c', 3],
      ['c', 5],
    ] as const) {
      await enter(store, { task, priority })
    }
    const taken = await claimWithin(store, { limit: 4, limits: { a: 1 } })
    expect(taken.map(({ task, priority }) => `${task}${priority}`)).toEqual(['a9', 'b7', 'c5', 'c3'])
  })

  it('finds the few others behind a long backlog of a task at its limit', async () => {
    await using store = await openTestStore()
    await enterAll(store, [...Array.from({ length: 150 }, () => 'a'), 'b', 'c'])
    expect(tasksOf(await claimWithin(store, { limit: 3, limits: { a: 1, c: 0 } }))).toEqual(['a', 'b'])
    expect(tasksOf(await claimWithin(store, { limit: 3, limits: { a: 1 } }))).toEqual(['c'])
  })

  it('leaves out what has expired when it fills the room', async () => {
    await using store = await openTestStore()
    await enter(store, { task: 'a', expiresAt: 2000 })
    const [good] = await enterAll(store, ['a', 'a'])
    expect(idsOf(await claimWithin(store, { limit: 2, limits: { a: 1 } }))).toEqual([good?.id])
  })

  it('is a plain claim where nothing of a limited task waits, or no limit is given', async () => {
    await using store = await openTestStore()
    await enterAll(store, ['a', 'b', 'a', 'b'])
    expect(await claimWithin(store, { limit: 2, limits: { z: 0 } })).toHaveLength(2)
    expect(await claimWithin(store, { limit: 5, limits: {} })).toHaveLength(2)
  })

  it('holds although several stores on one file claim at once', async () => {
    await using store = await openTestStore()
    await enterAll(store, [...Array.from({ length: 30 }, () => 'a'), ...Array.from({ length: 10 }, () => 'b')])
    await using second = await sqliteStore({ path: store.path })
    await using third = await sqliteStore({ path: store.path })
    const claims = [store, second, third].flatMap((each, node) =>
      Array.from({ length: 8 }, () => claimWithin(each, { limit: 3, limits: { a: 3 }, nodeId: `node_${node}` })),
    )
    const taken = (await Promise.all(claims)).flat()
    expect(new Set(idsOf(taken)).size).toBe(13)
    expect(tasksOf(taken).filter((task) => task === 'a')).toHaveLength(3)
    const running = await store.read(async ({ ledger }) => [
      ...(await ledger.runningOn('node_0')),
      ...(await ledger.runningOn('node_1')),
      ...(await ledger.runningOn('node_2')),
    ])
    expect(idsOf(running).toSorted()).toEqual(idsOf(taken).toSorted())
  })
})
