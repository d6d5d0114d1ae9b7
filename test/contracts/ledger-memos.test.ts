import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { Job } from '../../src/core/job.ts'
import type { NewJob } from '../../src/ports/ledger.ts'
import type { Store } from '../../src/ports/store.ts'
import { openTestStore, type TestStore } from '../support/open-test-store.ts'
import { claim, enter, enterArtifact, enterEnded, enterWritten } from './fixtures/ledger-entries.ts'
import { newJob } from './fixtures/new-job.ts'

const place = { ownerId: 'usr_1', task: 'double', taskVersion: '1', memoKey: 'm' }

const memoize = (store: Store, job: Job, expiresAt = 5000) =>
  store.write(({ ledger }) => ledger.memoize(job, expiresAt))
const findMemo = (store: Store, of: Partial<typeof place> = {}, now = 2000) =>
  store.read(({ ledger }) => ledger.findMemo({ ...place, ...of }, now))
const insertMemoized = (store: Store, job: NewJob, from: Job) =>
  store.write(({ ledger }) => ledger.insertMemoized(job, from))

/** The texts of all outputs in the store. */
function outputsOf(store: TestStore): readonly unknown[] {
  const database = new DatabaseSync(store.path)
  const rows = database.prepare('select text from job_outputs').all()
  expect(database.prepare('pragma foreign_key_check').all()).toEqual([])
  database.close()
  return rows.map(({ text }) => text)
}

describe('a remembered result', () => {
  it('is found under its owner, task, version and key, and under no others', async () => {
    await using store = await openTestStore()
    const job = await enterEnded(store, 1500, { memoKey: 'm' })
    expect(await findMemo(store)).toBeNull()
    await memoize(store, job)
    expect(await findMemo(store)).toEqual(job)
    for (const other of [{ ownerId: 'usr_2' }, { task: 'halve' }, { taskVersion: '2' }, { memoKey: 'n' }]) {
      expect(await findMemo(store, other)).toBeNull()
    }
  })

  it('is over when its time has come', async () => {
    await using store = await openTestStore()
    await memoize(store, await enterEnded(store, 1500, { memoKey: 'm' }), 3000)
    expect(await findMemo(store, {}, 2999)).not.toBeNull()
    expect(await findMemo(store, {}, 3000)).toBeNull()
  })

  it('takes the place of an earlier one, with its own time', async () => {
    await using store = await openTestStore()
    const [first, second] = [
      await enterEnded(store, 1500, { memoKey: 'm' }),
      await enterEnded(store, 1600, { memoKey: 'm' }),
    ]
    await memoize(store, first, 3000)
    await memoize(store, second, 4000)
    expect(await findMemo(store, {}, 3500)).toEqual(second)
    await memoize(store, second, 3400)
    expect(await findMemo(store, {}, 3500)).toBeNull()
  })

  it('is refused for a job without a key', async () => {
    await using store = await openTestStore()
    const job = await enterEnded(store, 1500)
    await expect(memoize(store, job)).rejects.toThrow(
      new TypeError(`The job ${job.id} has no key under which its result could be remembered.`),
    )
  })
})

describe('a job that is given a remembered result', () => {
  it('is SUCCEEDED from the start, with the output and everything of its own', async () => {
    await using store = await openTestStore()
    const from = await enterEnded(store, 1500, { memoKey: 'm' })
    const named = await enterArtifact(store)
    const own = { priority: 4, createdAt: 2500, runAt: 2500, tags: ['b', 'a'], memoKey: 'm', retryOf: 'job_x' }
    const job = newJob({ ...own, idempotencyKey: 'k', artifactIds: [named.id], input: { n: 7 } })
    const entered = await insertMemoized(store, job, from)
    expect(entered).toMatchObject({
      id: job.id,
      ...own,
      idempotencyKey: 'k',
      state: 'SUCCEEDED',
      finishedAt: 2500,
      startedAt: null,
      memoizedFrom: from.id,
      fence: 0,
    })
    const seen = await store.read(async ({ ledger }) => ({
      job: await ledger.find(job.id),
      input: await ledger.input(job.id),
      output: await ledger.output(job.id),
      same: (await ledger.output(job.id)) === (await ledger.output(from.id)),
      artifacts: (await ledger.artifacts(job.id)).map(({ id }) => id),
      tagged: await ledger.list('usr_1', { limit: 9, filter: { tag: 'a' } }),
      unfinished: await ledger.countUnfinished('usr_1'),
    }))
    expect(seen).toEqual({
      job: entered,
      input: { n: 7 },
      output: JSON.stringify({ of: from.id }),
      same: true,
      artifacts: [named.id],
      tagged: [entered],
      unfinished: 0,
    })
    expect(await claim(store)).toEqual([])
  })

  it('adds no text to what is kept, however long the output, and keeps it until the last that has it is forgotten', async () => {
    await using store = await openTestStore()
    const from = await enterEnded(store, 1500, { memoKey: 'm' })
    const kept = () => outputsOf(store)
    expect(kept()).toEqual([JSON.stringify({ of: from.id })])
    const [second, third, last] = [2500, 2500, 4000].map((createdAt) => newJob({ memoKey: 'm', createdAt }))
    const chain = [from]
    for (const job of [second, third, last]) {
      const [latest] = chain.slice(-1)
      if (job === undefined || latest === undefined) throw new Error('There are four.')
      const entered = await insertMemoized(store, job, latest)
      if (entered !== null) chain.push(entered)
    }
    expect(kept()).toHaveLength(1)
    const outputs = () =>
      store.read(({ ledger }) => Promise.all(chain.map(async ({ id }) => (await ledger.output(id)) !== null)))
    expect(await outputs()).toEqual([true, true, true, true])
    const purge = (before: number) => store.write(({ retention }) => retention.purgeJobs(before, 10))
    expect(await purge(2000)).toEqual([from.id])
    expect(await outputs()).toEqual([false, true, true, true])
    expect(await purge(3000)).toHaveLength(2)
    expect(await outputs()).toEqual([false, false, false, true])
    expect(kept()).toEqual([JSON.stringify({ of: from.id })])
    expect(await purge(5000)).toHaveLength(1)
    expect(kept()).toEqual([])
  })

  it('has the files that were written, in their order, and keeps them when the first job is forgotten', async () => {
    await using store = await openTestStore()
    const from = await enterEnded(store, 1500, { memoKey: 'm' })
    const files = [await enterWritten(store, { jobId: from.id }), await enterWritten(store, { jobId: from.id })]
    const job = newJob({ memoKey: 'm', createdAt: 3000 })
    await insertMemoized(store, job, from)
    const again = newJob({ memoKey: 'm', createdAt: 3000 })
    const second = await store.read(({ ledger }) => ledger.find(job.id))
    if (second === null) throw new Error('It was entered.')
    await insertMemoized(store, again, second)
    await store.write(async ({ retention }) => {
      expect(await retention.purgeJobs(2000, 10)).toEqual([from.id])
      expect(await retention.purgeArtifacts(9000, 10)).toEqual([])
    })
    for (const { id } of [job, again]) expect(await store.read(({ ledger }) => ledger.written(id))).toEqual(files)
  })

  it('may name in its input one of the files that its result consists of', async () => {
    await using store = await openTestStore()
    const from = await enterEnded(store, 1500, { memoKey: 'm' })
    const file = await enterWritten(store, { jobId: from.id })
    const job = newJob({ memoKey: 'm', artifactIds: [file.id] })
    await insertMemoized(store, job, from)
    const seen = await store.read(async ({ ledger }) => ({
      named: (await ledger.artifacts(job.id)).map(({ id }) => id),
      written: await ledger.written(job.id),
    }))
    expect(seen).toEqual({ named: [file.id], written: [file] })
  })

  it('is not entered, nor anything of it, when the key is taken or the first job is gone', async () => {
    await using store = await openTestStore()
    const from = await enterEnded(store, 1500, { memoKey: 'm' })
    const earlier = await enter(store, { idempotencyKey: 'k' })
    const job = newJob({ idempotencyKey: 'k', tags: ['a'] })
    expect(await insertMemoized(store, job, from)).toBeNull()
    await store.write(({ retention }) => retention.purgeJobs(2000, 10))
    const late = newJob({ tags: ['a'] })
    await expect(insertMemoized(store, late, from)).rejects.toThrow(
      new TypeError(`The job ${from.id} has no result that could be taken over.`),
    )
    expect(await store.read(({ ledger }) => ledger.list('usr_1', { limit: 9 }))).toEqual([earlier])
    expect(await store.read(({ ledger }) => ledger.list('usr_1', { limit: 9, filter: { tag: 'a' } }))).toEqual([])
  })
})
