import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import type { Job } from '../../src/core/job.ts'
import type { JobGuard } from '../../src/ports/ledger.ts'
import type { Store } from '../../src/ports/store.ts'
import { openTestStore } from '../support/open-test-store.ts'
import { claim, enter, enterArtifact } from './fixtures/ledger-entries.ts'
import { newJob } from './fixtures/new-job.ts'

describe('the ledger', () => {
  describe('entering a job', () => {
    it('makes it QUEUED, with its input beside it', async () => {
      await using store = await openTestStore()
      const job = await enter(store, { priority: 3, idempotencyKey: 'k' })
      expect(job).toMatchObject({ state: 'QUEUED', priority: 3, fence: 0, attempts: 0, losses: 0, runAt: 1000 })
      const seen = await store.read(async ({ ledger }) => ({
        job: await ledger.find(job.id),
        input: await ledger.input(job.id),
        output: await ledger.output(job.id),
        attempts: await ledger.attempts(job.id),
      }))
      expect(seen).toEqual({ job, input: { n: 1 }, output: null, attempts: [] })
    })

    it('keeps all that it is entered with', async () => {
      await using store = await openTestStore()
      const given = newJob({
        state: 'SCHEDULED',
        runAt: 7000,
        expiresAt: 8000,
        memoKey: 'm',
        retryOf: 'job_x',
        tags: ['z', 'a', 'it’s "quoted"'],
      })
      const job = await enter(store, given)
      const { input: _input, artifactIds: _artifactIds, ...row } = given
      expect(job).toMatchObject({ ...row, memoizedFrom: null, finishedAt: null })
      expect(await store.read(({ ledger }) => ledger.find(job.id))).toEqual(job)
    })

    it('answers null, and changes nothing, for a key that the owner has used for the task', async () => {
      await using store = await openTestStore()
      const first = await enter(store, { idempotencyKey: 'k' })
      const second = newJob({ idempotencyKey: 'k', input: { n: 2 } })
      expect(await store.write(({ ledger }) => ledger.insert(second))).toBeNull()
      const foreign = await enter(store, { idempotencyKey: 'k', ownerId: 'usr_2' })
      const other = await enter(store, { idempotencyKey: 'k', task: 'halve' })
      await enter(store)
      await enter(store)
      const seen = await store.read(async ({ ledger }) => ({
        byKey: await ledger.findByIdempotencyKey('usr_1', 'double', 'k'),
        foreign: await ledger.findByIdempotencyKey('usr_2', 'double', 'k'),
        other: await ledger.findByIdempotencyKey('usr_1', 'halve', 'k'),
        none: await ledger.findByIdempotencyKey('usr_1', 'double', 'l'),
        second: await ledger.find(second.id),
        input: await ledger.input(second.id),
      }))
      expect(seen).toEqual({ byKey: first, foreign, other, none: null, second: null, input: null })
    })

    it('remembers the artifacts of the input, and refuses one that is not there', async () => {
      await using store = await openTestStore()
      const artifact = await enterArtifact(store)
      const { id } = await enter(store, { artifactIds: [artifact.id, artifact.id] })
      const { ownerId: _owner, createdAt: _createdAt, ...known } = artifact
      const other = await enter(store, { artifactIds: [(await enterArtifact(store)).id], input: { n: 2 } })
      expect(await store.read(({ ledger }) => ledger.artifacts(id))).toEqual([known])
      expect(await store.read(({ ledger }) => ledger.input(other.id))).toEqual({ n: 2 })
      await expect(enter(store, { artifactIds: [newId('artifact')] })).rejects.toThrow('FOREIGN KEY')
    })
  })

  describe('looking up', () => {
    it('counts what is unfinished', async () => {
      await using store = await openTestStore()
      const [a, b] = [await enter(store), await enter(store)]
      await enter(store, { ownerId: 'usr_2' })
      const count = () => store.read(({ ledger }) => ledger.countUnfinished('usr_1'))
      expect(await count()).toBe(2)
      await claim(store, 1)
      await store.write(({ ledger }) => ledger.update(b.id, { states: ['QUEUED'] }, { state: 'SCHEDULED' }))
      expect(await count()).toBe(2)
      await store.write(({ ledger }) => ledger.update(a.id, { states: ['RUNNING'] }, { state: 'FAILED' }))
      expect(await count()).toBe(1)
    })

    it('counts what is queued, of everybody', async () => {
      await using store = await openTestStore()
      const count = () => store.read(({ ledger }) => ledger.countQueued())
      expect(await count()).toBe(0)
      await enter(store)
      await enter(store, { ownerId: 'usr_2', task: 'halve' })
      await enter(store, { state: 'SCHEDULED' })
      expect(await count()).toBe(2)
      await claim(store, 1)
      expect(await count()).toBe(1)
    })

    it('finds nothing where there is nothing', async () => {
      await using store = await openTestStore()
      const seen = await store.read(async ({ ledger }) => [
        await ledger.find('job_x'),
        await ledger.input('job_x'),
        await ledger.output('job_x'),
        await ledger.artifacts('job_x'),
        await ledger.attempts('job_x'),
        await ledger.list('usr_1', { limit: 10 }),
        await ledger.countUnfinished('usr_1'),
      ])
      expect(seen).toEqual([null, null, null, [], [], [], 0])
    })
  })

  describe('a change', () => {
    it('touches only a row that the guard describes', async () => {
      await using store = await openTestStore()
      const { id } = await enter(store)
      await claim(store)
      const update = (guard: JobGuard) => tryUpdate(store, id, guard)
      expect(await update({ states: ['QUEUED', 'SCHEDULED'] })).toBeNull()
      expect(await update({ states: ['RUNNING'], fence: 2 })).toBeNull()
      expect(await update({ states: ['RUNNING'], fence: 1, cancelRequested: true })).toBeNull()
      expect(await update({ states: ['QUEUED', 'RUNNING'], fence: 1, cancelRequested: false })).toMatchObject({
        runAt: 5,
      })
      await store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'] }, { cancelRequestedAt: 7 }))
      expect(await update({ states: ['RUNNING'], cancelRequested: false })).toBeNull()
      expect(await update({ states: ['RUNNING'], cancelRequested: true })).toMatchObject({ cancelRequestedAt: 7 })
      expect(await tryUpdate(store, newId('job'), { states: ['RUNNING'] })).toBeNull()
    })

    it('sets what it names and leaves the rest', async () => {
      await using store = await openTestStore()
      const { id } = await enter(store)
      const [claimed] = await claim(store)
      const error = { code: 'TIMEOUT', message: 'Too slow.' } as const
      const progress = { fraction: 0.25, message: 'a quarter' }
      const change = { progress, error, attempts: 2, losses: 1, taskVersion: '2', outputJson: '{"deep": [1.0]}' }
      const changed = await store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'] }, change))
      const { outputJson, ...hot } = change
      expect(changed).toEqual({ ...claimed, ...hot })
      expect(await store.read(({ ledger }) => ledger.output(id))).toBe(outputJson)
      const forgotten = { state: 'QUEUED', nodeId: null, startedAt: null, progress: null } as const
      const reset = await store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'] }, forgotten))
      expect(reset).toEqual({ ...changed, ...forgotten })
    })

    it('touches the output and the attempt of no other job', async () => {
      await using store = await openTestStore()
      const [job, other] = [await enter(store), await enter(store)]
      await claim(store)
      await store.write(async ({ ledger }) => {
        await ledger.update(job.id, { states: ['RUNNING'] }, { state: 'SUCCEEDED', outputJson: '1' })
        const end = { finishedAt: 3000, outcome: 'SUCCEEDED', error: null, cpuMs: null } as const
        await ledger.endAttempt({ jobId: job.id, fence: 1, ...end })
      })
      const seen = (id: string) =>
        store.read(async ({ ledger }) => [await ledger.output(id), (await ledger.attempts(id))[0]?.outcome])
      expect(await seen(job.id)).toEqual(['1', 'SUCCEEDED'])
      expect(await seen(other.id)).toEqual([null, null])
    })

    it('writes no output when the guard refuses it', async () => {
      await using store = await openTestStore()
      const { id } = await enter(store)
      const change = { state: 'SUCCEEDED', outputJson: '2' } as const
      expect(await store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'] }, change))).toBeNull()
      expect(await store.read(({ ledger }) => ledger.output(id))).toBeNull()
    })

    it('of two writers that saw the same state is made by one', async () => {
      await using store = await openTestStore()
      const { id } = await enter(store)
      await claim(store)
      const finish = (n: number) =>
        store.write(({ ledger }) =>
          ledger.update(id, { states: ['RUNNING'], fence: 1 }, { state: 'SUCCEEDED', outputJson: `{"n":${n}}` }),
        )
      const results = await Promise.all([finish(1), finish(2), finish(3)])
      expect(results.filter((result) => result !== null)).toHaveLength(1)
      expect(await store.read(({ ledger }) => ledger.output(id))).toBe('{"n":1}')
    })
  })

  describe('a claim', () => {
    it('takes the highest priority first, then the oldest, and begins their attempts', async () => {
      await using store = await openTestStore()
      const jobs: Job[] = []
      for (const priority of [0, 5, -1, 5]) jobs.push(await enter(store, { priority }))
      const claimed = await claim(store, 3)
      expect(claimed.map(({ id }) => jobs.findIndex((job) => job.id === id))).toEqual([1, 3, 0])
      for (const job of claimed)
        expect(job).toMatchObject({ state: 'RUNNING', fence: 1, nodeId: 'node_1', startedAt: 2000 })
      const [first] = claimed
      expect(await store.read(({ ledger }) => ledger.attempts(first?.id ?? ''))).toEqual([
        {
          jobId: first?.id,
          fence: 1,
          nodeId: 'node_1',
          startedAt: 2000,
          finishedAt: null,
          outcome: null,
          error: null,
          cpuMs: null,
        },
      ])
      expect(await claim(store, 3)).toHaveLength(1)
      expect(await claim(store, 3)).toEqual([])
    })

    it('raises the fence each time, and never resets it', async () => {
      await using store = await openTestStore()
      const { id } = await enter(store)
      for (const fence of [1, 2, 3]) {
        expect(await claim(store)).toMatchObject([{ id, fence }])
        await store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'], fence }, { state: 'QUEUED' }))
        await store.write(({ ledger }) =>
          ledger.endAttempt({
            jobId: id,
            fence,
            finishedAt: 3000 + fence,
            outcome: 'HANDED_BACK',
            error: null,
            cpuMs: 12.5,
          }),
        )
      }
      expect(await store.read(({ ledger }) => ledger.attempts(id))).toMatchObject([
        { fence: 1, finishedAt: 3001, outcome: 'HANDED_BACK', cpuMs: 12.5 },
        { fence: 2, finishedAt: 3002 },
        { fence: 3, finishedAt: 3003 },
      ])
    })

    it('gives no job to two nodes that claim at once', async () => {
      await using store = await openTestStore()
      for (let n = 0; n < 60; n += 1) await enter(store)
      const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => claim(store, 4, `node_${index}`)))
      const ids = claims.flat().map(({ id }) => id)
      expect(ids).toHaveLength(60)
      expect(new Set(ids).size).toBe(60)
    })
  })

  describe('the jobs of nodes', () => {
    it('are orphans when their node is missing or, if asked for, its lease has run out, and only then', async () => {
      await using store = await openTestStore()
      for (const nodeId of ['node_good', 'node_late', 'node_missing']) {
        await enter(store)
        await claim(store, 1, nodeId)
      }
      await enter(store)
      await store.write(async ({ nodes }) => {
        await nodes.renew('node_good', 60_000)
        await nodes.renew('node_late', 60_000)
        await nodes.renew('node_late', -1)
      })
      const orphans = (limit = 10, expired = true) => store.read(({ ledger }) => ledger.orphans(limit, { expired }))
      const names = async () => new Set((await orphans()).map(({ nodeId }) => nodeId))
      expect(await names()).toEqual(new Set(['node_late', 'node_missing']))
      expect(await orphans(10, false)).toMatchObject([{ nodeId: 'node_missing' }])
      expect(await orphans(1)).toHaveLength(1)
      await store.write(({ nodes }) => nodes.removeOthers('node_missing'))
      expect(await names()).toEqual(new Set(['node_good', 'node_late', 'node_missing']))
      await store.write(({ nodes }) => nodes.renew('node_missing', 60_000))
      expect(await names()).toEqual(new Set(['node_good', 'node_late']))
      await store.write(({ nodes }) => nodes.remove('node_missing'))
      expect(await names()).toEqual(new Set(['node_good', 'node_late', 'node_missing']))
    })

    it('are listed for each node', async () => {
      await using store = await openTestStore()
      const [a, b] = [await enter(store), await enter(store)]
      await claim(store, 1, 'node_1')
      await claim(store, 1, 'node_2')
      const running = (nodeId: string) => store.read(({ ledger }) => ledger.runningOn(nodeId))
      expect(await running('node_1')).toMatchObject([{ id: a.id }])
      expect(await running('node_2')).toMatchObject([{ id: b.id }])
      await store.write(({ ledger }) => ledger.update(a.id, { states: ['RUNNING'] }, { state: 'FAILED' }))
      expect(await running('node_1')).toEqual([])
    })
  })
})

function tryUpdate(store: Store, id: string, guard: JobGuard) {
  return store.write(({ ledger }) => ledger.update(id, guard, { runAt: 5 }))
}
