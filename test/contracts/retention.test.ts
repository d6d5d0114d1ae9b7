import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { isTerminal, jobStates } from '../../src/core/job.ts'
import type { Store } from '../../src/ports/store.ts'
import { openTestStore, type TestStore } from '../support/open-test-store.ts'
import { enterUser } from './fixtures/account-engines.ts'
import { claim, enter, enterArtifact, enterEnded, enterWritten } from './fixtures/ledger-entries.ts'
import { raced } from './fixtures/raced.ts'

const purgeJobs = (store: Store, before: number, limit = 100) =>
  store.write(({ retention }) => retention.purgeJobs(before, limit))
const purgeArtifacts = (store: Store, before: number, limit = 100) =>
  store.write(({ retention }) => retention.purgeArtifacts(before, limit))
const purgeOwner = (store: Store, ownerId: string, limit = 100) =>
  store.write(({ retention }) => retention.purgeOwner(ownerId, limit))
const exists = (store: Store, id: string) => store.read(async ({ artifacts }) => (await artifacts.find(id)) !== null)

/** How many rows there are in each table that hangs on jobs. */
function rowsOfJobs(store: TestStore): Readonly<Record<string, number>> {
  const database = new DatabaseSync(store.path)
  const tables = database
    .prepare(
      `select distinct t.name from sqlite_schema t join pragma_foreign_key_list(t.name) k
       where t.type = 'table' and k."table" = 'jobs' order by t.name`,
    )
    .all()
  const counts = tables.map(({ name }): [string, number] => {
    const row = database.prepare(`select count(*) as n from ${String(name)}`).get()
    return [String(name), Number(row?.['n'])]
  })
  expect(database.prepare('pragma foreign_key_check').all()).toEqual([])
  database.close()
  return Object.fromEntries(counts)
}

describe('the purge of jobs', () => {
  it('forgets those that ended before that time, the oldest first, at most so many', async () => {
    await using store = await openTestStore()
    const ids: string[] = []
    for (const finishedAt of [3000, 1000, 4000, 2000]) ids.push((await enterEnded(store, finishedAt)).id)
    expect(new Set(await purgeJobs(store, 4000, 2))).toEqual(new Set([ids[1], ids[3]]))
    expect(await purgeJobs(store, 4000, 2)).toEqual([ids[0]])
    expect(await purgeJobs(store, 4000, 2)).toEqual([])
    expect(await store.read(({ ledger }) => ledger.list('usr_1', { limit: 9 }))).toMatchObject([{ id: ids[2] }])
  })

  it('leaves what has not ended, however old', async () => {
    await using store = await openTestStore()
    await enter(store)
    await claim(store)
    await enter(store)
    await enter(store, { state: 'SCHEDULED', runAt: 1 })
    expect(await purgeJobs(store, Number.MAX_SAFE_INTEGER)).toEqual([])
    expect(await store.read(({ ledger }) => ledger.countUnfinished('usr_1'))).toBe(3)
  })

  it('takes with a job all that hangs on it, and nothing of another one', async () => {
    await using store = await openTestStore()
    const enterWhole = async (finishedAt: number, memoKey: string) => {
      const named = await enterArtifact(store)
      const { id } = await enter(store, { memoKey, tags: ['a', 'b'], artifactIds: [named.id] })
      await claim(store)
      await enterWritten(store, { jobId: id })
      const change = { state: 'SUCCEEDED', finishedAt, outputJson: '1' } as const
      await store.write(async ({ ledger }) => {
        const job = await ledger.update(id, { states: ['RUNNING'] }, change)
        if (job !== null) await ledger.memoize(job, 9000)
      })
      return id
    }
    const old = await enterWhole(1000, 'm')
    const one = rowsOfJobs(store)
    expect(one).toEqual({
      job_artifacts: 1,
      job_attempts: 1,
      job_tags: 2,
      job_values: 1,
      memos: 1,
      written_artifacts: 1,
    })
    await enterWhole(5000, 'n')
    expect(await purgeJobs(store, 2000)).toEqual([old])
    expect(rowsOfJobs(store)).toEqual(one)
    const memo = { ownerId: 'usr_1', task: 'double', taskVersion: '1' }
    const found = await store.read(async ({ ledger }) => [
      await ledger.findMemo({ ...memo, memoKey: 'm' }, 1),
      (await ledger.findMemo({ ...memo, memoKey: 'n' }, 1))?.finishedAt,
    ])
    expect(found).toEqual([null, 5000])
  })
})

describe('the purge of artifacts', () => {
  it('forgets those made before that time, the oldest first, at most so many', async () => {
    await using store = await openTestStore()
    const hashes: string[] = []
    for (const createdAt of [30, 10, 40, 20]) hashes.push((await enterArtifact(store, { createdAt })).hash)
    expect(new Set(await purgeArtifacts(store, 40, 2))).toEqual(new Set([hashes[1], hashes[3]]))
    expect(await purgeArtifacts(store, 40, 2)).toEqual([hashes[0]])
    expect(await purgeArtifacts(store, 40, 2)).toEqual([])
    expect(await purgeArtifacts(store, 41, 2)).toEqual([hashes[2]])
  })

  it('leaves those that a job names or wrote, ended or not, and is not held up by them', async () => {
    await using store = await openTestStore()
    const [named, forEnded] = [await enterArtifact(store), await enterArtifact(store)]
    await enter(store, { artifactIds: [named.id] })
    const ended = await enterEnded(store, 1000, { artifactIds: [forEnded.id] })
    const written = await enterWritten(store, { jobId: ended.id })
    const loose = await enterArtifact(store, { createdAt: 2 })
    expect(await purgeArtifacts(store, 100, 1)).toEqual([loose.hash])
    expect(await purgeArtifacts(store, 100)).toEqual([])
    await purgeJobs(store, 2000)
    expect(new Set(await purgeArtifacts(store, 100))).toEqual(new Set([forEnded.hash, written.hash]))
    expect(await exists(store, named.id)).toBe(true)
  })

  it('never takes one that a job on another store of the file begins to name', async () => {
    await using store = await openTestStore()
    await using other = await sqliteStore({ path: store.path })
    for (let n = 0; n < 30; n += 1) {
      const { id, hash } = await enterArtifact(store)
      const purging = () => purgeArtifacts(store, 100)
      const naming = () => enter(other, { artifactIds: [id] })
      const [purged, named] = await raced(n, purging, naming)
      const gone = named.status === 'rejected'
      expect(purged).toMatchObject({ status: 'fulfilled', value: gone ? [hash] : [] })
      expect(await exists(store, id)).toBe(!gone)
    }
    rowsOfJobs(store)
  })
})

it('the purge of remembered results forgets those that are over, at most so many', async () => {
  await using store = await openTestStore()
  for (const expiresAt of [2000, 3000, 4000, 5001]) {
    const job = await enterEnded(store, 1000, { memoKey: `m${expiresAt}` })
    await store.write(({ ledger }) => ledger.memoize(job, expiresAt))
  }
  const purge = (now: number, limit: number) => store.write(({ retention }) => retention.purgeMemos(now, limit))
  expect(await purge(5000, 2)).toBe(2)
  expect(await purge(5000, 2)).toBe(1)
  expect(await purge(5000, 2)).toBe(0)
  expect(rowsOfJobs(store)['memos']).toBe(1)
  expect(await store.read(({ ledger }) => ledger.list('usr_1', { limit: 9 }))).toHaveLength(4)
})

describe('what a departed owner left', () => {
  /** A user with a job in every state, who is then deleted. */
  async function depart(store: TestStore): Promise<string> {
    const { id: ownerId } = await enterUser(store)
    for (const state of jobStates) {
      const { id } = await enter(store, { ownerId })
      const ended = isTerminal(state) ? { finishedAt: 1 } : {}
      await store.write(({ ledger }) => ledger.update(id, { states: ['QUEUED'] }, { state, ...ended }))
    }
    await store.write(({ accounts }) => accounts.deleteUser(ownerId))
    return ownerId
  }

  it('is known from the moment of the deletion, until nothing is left', async () => {
    await using store = await openTestStore()
    const ownerId = await depart(store)
    const departed = (limit = 10, clearedBefore = 0) =>
      store.read(({ retention }) => retention.departedOwners(clearedBefore, limit))
    const isDeparted = () => store.read(({ retention }) => retention.isDeparted(ownerId))
    const forget = (now = 1000, clearedBefore = 0) =>
      store.write(({ retention }) => retention.forgetDeparted(ownerId, now, clearedBefore))
    const file = await enterArtifact(store, { ownerId })
    expect(await departed()).toEqual([ownerId])
    expect(await departed(0)).toEqual([])
    expect(await forget()).toBe(false)

    const unfinished = await store.read(({ retention }) => retention.unfinishedOf(ownerId, 10))
    expect(new Set(unfinished.map(({ state }) => state))).toEqual(new Set(['SCHEDULED', 'QUEUED', 'RUNNING']))
    expect(await store.read(({ retention }) => retention.unfinishedOf(ownerId, 2))).toHaveLength(2)
    for (const { id, state } of unfinished) {
      await store.write(({ ledger }) => ledger.update(id, { states: [state] }, { state: 'CANCELLED', finishedAt: 2 }))
    }
    const purged = await purgeOwner(store, ownerId)
    expect(purged.jobIds).toHaveLength(jobStates.length)
    expect(purged.hashes).toEqual([file.hash])
    expect(await departed()).toEqual([ownerId])
    expect(await forget()).toBe(true)
    expect(await departed()).toEqual([])

    // The moment at which nothing was left is the first of them.
    expect(await forget(2000, 1000)).toBe(true)
    expect(await departed(10, 1000)).toEqual([])
    expect(await departed(10, 1001)).toEqual([ownerId])
    expect(await isDeparted()).toBe(true)
    expect(await store.read(({ retention }) => retention.isDeparted('usr_1'))).toBe(false)
    expect(await forget(2000, 1001)).toBe(true)
    expect(await isDeparted()).toBe(false)
    expect(await departed(10, Infinity)).toEqual([])
    expect(await forget()).toBe(true)
  })

  it('is purged in portions, but neither what has not ended nor what it names, nor what is others’', async () => {
    await using store = await openTestStore()
    const ownerId = await depart(store)
    const [named, foreign] = [await enterArtifact(store, { ownerId }), await enterArtifact(store)]
    await enter(store, { ownerId, artifactIds: [named.id] })
    await enterEnded(store, 1)
    const files = [await enterArtifact(store, { ownerId }), await enterArtifact(store, { ownerId })]
    const portions = [await purgeOwner(store, ownerId, 3), await purgeOwner(store, ownerId, 3)]
    expect(portions.map(({ jobIds }) => jobIds.length)).toEqual([3, 1])
    const hashes = portions.flatMap((portion) => portion.hashes)
    expect(new Set(hashes)).toEqual(new Set(files.map(({ hash }) => hash)))
    expect(await purgeOwner(store, ownerId, 3)).toEqual({ jobIds: [], hashes: [] })
    expect(await store.read(({ retention }) => retention.unfinishedOf(ownerId, 10))).toHaveLength(4)
    expect(await store.read(({ ledger }) => ledger.list('usr_1', { limit: 9 }))).toHaveLength(1)
    for (const { id } of [named, foreign]) expect(await exists(store, id)).toBe(true)
  })

  it('is not forgotten while a file alone is left', async () => {
    await using store = await openTestStore()
    const { id: ownerId } = await enterUser(store)
    await enterArtifact(store, { ownerId })
    await store.write(({ accounts }) => accounts.deleteUser(ownerId))
    const forget = () => store.write(({ retention }) => retention.forgetDeparted(ownerId, 1000, 0))
    expect(await forget()).toBe(false)
    await purgeOwner(store, ownerId)
    expect(await forget()).toBe(true)
  })

  it('is noted neither for who stays, nor for who never was, nor when the deletion is undone', async () => {
    await using store = await openTestStore()
    const { id } = await enterUser(store)
    expect(await store.write(({ accounts }) => accounts.deleteUser('usr_nobody'))).toBe(false)
    const undone = store.write(async ({ accounts }) => {
      expect(await accounts.deleteUser(id)).toBe(true)
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await store.read(({ retention }) => retention.departedOwners(0, 10))).toEqual([])
  })
})
