import { describe, expect, it } from 'vitest'
import { jobStates, type Job } from '../../src/core/job.ts'
import type { JobFilter } from '../../src/ports/ledger.ts'
import { openTestStore, type TestStore } from '../support/open-test-store.ts'
import { enter } from './fixtures/ledger-entries.ts'

const tagsOf = [['red'], [], ['red', 'blue'], ['blue']] as const

/** 56 jobs of one owner, every state, task and tags together, and some of another owner. */
async function enterMany(store: TestStore): Promise<readonly Job[]> {
  const states = Array.from({ length: 56 }, (_, n) => jobStates[n % jobStates.length] ?? 'QUEUED')
  const jobs = states.map(async (state, n) => {
    const task = n % 2 === 0 ? 'double' : 'halve'
    const { id } = await enter(store, { task, tags: tagsOf[Math.floor(n / 14)] ?? [] })
    return store.write(({ ledger }) => ledger.update(id, { states: ['QUEUED'] }, { state }))
  })
  const others = tagsOf.map((tags) => enter(store, { ownerId: 'usr_2', tags }))
  await Promise.all(others)
  return (await Promise.all(jobs)).filter((job) => job !== null).toReversed()
}

const filters: readonly JobFilter[] = [
  {},
  { states: ['QUEUED'] },
  { states: ['FAILED', 'QUEUED', 'FAILED', 'SCHEDULED'] },
  { states: [...jobStates] },
  { states: [] },
  { task: 'halve' },
  { task: 'none' },
  { tag: 'red' },
  { tag: 'none' },
  { tag: 'blue', states: [] },
  { tag: 'blue', task: 'double' },
  { tag: 'blue', states: ['QUEUED', 'EXPIRED'] },
  { tag: 'blue', states: ['SCHEDULED', 'RUNNING'] },
  { tag: 'red', task: 'double', states: ['QUEUED', 'RUNNING'] },
  { task: 'halve', states: ['FAILED'] },
  { tag: 'red', task: 'halve', states: ['SUCCEEDED', 'CANCELLED'] },
  { task: 'double', states: ['RUNNING', 'CANCELLED'] },
]

function passes(job: Job, { states, task, tag }: JobFilter): boolean {
  return (
    (states?.includes(job.state) ?? true) &&
    (task === undefined || job.task === task) &&
    (tag === undefined || job.tags.includes(tag))
  )
}

describe('the list of an owner', () => {
  it.each(filters)('holds exactly the jobs that %j lets through, newest first, page by page', async (filter) => {
    await using store = await openTestStore()
    const jobs = (await enterMany(store)).filter((job) => passes(job, filter))
    const page = (limit: number, before: string | null) =>
      store.read(({ ledger }) => ledger.list('usr_1', { limit, before, filter }))
    expect(await page(100, null)).toEqual(jobs)
    const listed: Job[] = []
    for (let before: string | null = null; ; before = listed.at(-1)?.id ?? null) {
      const some = await page(3, before)
      expect(some.length).toBeLessThanOrEqual(3)
      listed.push(...some)
      if (some.length < 3) break
    }
    expect(listed).toEqual(jobs)
  })

  it('is that of everything when no filter is given, and empty for who has no jobs', async () => {
    await using store = await openTestStore()
    const jobs = await enterMany(store)
    const list = (ownerId: string) => store.read(({ ledger }) => ledger.list(ownerId, { limit: 100 }))
    expect(await list('usr_1')).toEqual(jobs)
    expect(await list('usr_2')).toHaveLength(4)
    expect(await list('usr_3')).toEqual([])
  })
})
