import { describe, expect, it } from 'vitest'
import type { Job } from '../../../src/core/job.ts'
import type { KnownPrincipal } from '../../../src/core/principal.ts'
import { jobTopic } from '../../../src/services/jobs/job-log.ts'
import { enterUser } from '../../contracts/fixtures/account-engines.ts'
import { enter } from '../../contracts/fixtures/ledger-entries.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { describeTask, done, fakePool, type Script, type ScriptedOutcome, toOutcome } from '../../support/fake-pool.ts'
import { openTestMill, type TestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { uploadFile } from '../../support/upload-file.ts'
import { isIn, never } from './mill-steps.ts'

const day = 24 * 3_600_000
const keepMs = 30 * day
const inputSchema = { type: 'object', properties: { file: { type: 'string', artifact: true } } } as const
const tasks = [describeTask('double', { inputSchema, memoizeForMs: 90 * day })]

async function openMill() {
  const clock = fakeClock()
  return { clock, mill: await openTestMill({ clock, tasks }) }
}

async function remains(mill: TestMill, job: Job): Promise<readonly string[]> {
  return mill.store.read(async ({ ledger, log }) => {
    const found: string[] = []
    if ((await ledger.find(job.id)) !== null) found.push('job')
    if ((await log.head(jobTopic(job.id))).epoch !== (await log.blanks())[0]) found.push('topic')
    if ((await ledger.output(job.id)) !== null) found.push('output')
    if ((await ledger.attempts(job.id)).length > 0) found.push('attempts')
    return found
  })
}

const all = ['job', 'topic', 'output', 'attempts']

async function blobsOf(mill: TestMill): Promise<number> {
  return (await Array.fromAsync(mill.blobs.list())).length
}

describe('the purge of jobs', () => {
  it('forgets one with all that was told of it when it ended long enough ago, not a millisecond before', async () => {
    const { clock, mill } = await openMill()
    await using _mill = mill
    const owner = somebody()
    const node = await mill.addNode(fakePool({}))
    await node.start()
    const job = await mill.jobs.submit(owner, 'double', {}, { waitMs: 5000, tags: ['a'] })
    clock.advance(keepMs)
    await mill.purge(keepMs)
    expect(await remains(mill, job)).toEqual(all)
    clock.advance(1)
    await mill.purge(keepMs)
    expect(await remains(mill, job)).toEqual([])
    expect(await mill.jobs.find(owner, job.id)).toBeNull()
    expect((await mill.jobs.list(owner, { first: 10, after: null }, { tag: 'a' })).edges).toEqual([])
  })

  it('leaves alone what has not ended, however old it is', async () => {
    const { clock, mill } = await openMill()
    await using _mill = mill
    const owner = somebody()
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => promise }, 1)
    const node = await mill.addNode(pool)
    await node.start()
    const file = await uploadFile(mill.artifacts, owner, 'a,b')
    const running = await mill.jobs.submit(owner, 'double', { file: file.id })
    await eventually(isIn(mill, running.id, 'RUNNING'))
    const queued = await mill.jobs.submit(owner, 'double', {})
    const scheduled = await mill.jobs.submit(owner, 'double', {}, { delayMs: 300 * day })
    clock.advance(10 * keepMs)
    await mill.purge(keepMs)
    for (const [job, state] of [
      [running, 'RUNNING'],
      [queued, 'QUEUED'],
      [scheduled, 'SCHEDULED'],
    ] as const) {
      expect((await mill.job(job.id)).state).toBe(state)
    }
    expect(await mill.artifacts.find(owner, file.id)).toEqual(file)
    resolve(done)
    await eventually(isIn(mill, running.id, 'SUCCEEDED'))
    expect(await mill.story(running.id)).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED.'])
  })

  it('takes the files that only it names, a while after, and their blobs', async () => {
    const { clock, mill } = await openMill()
    await using _mill = mill
    const owner = somebody()
    const [only, shared, unnamed] = [
      await uploadFile(mill.artifacts, owner, 'only'),
      await uploadFile(mill.artifacts, owner, 'shared'),
      await uploadFile(mill.artifacts, owner, 'unnamed'),
    ]
    const first = await mill.jobs.submit(owner, 'double', { file: only.id })
    const second = await mill.jobs.submit(owner, 'double', { file: shared.id })
    for (const { id } of [first, second]) await mill.jobs.cancel(owner, id)
    await mill.jobs.submit(owner, 'double', { file: shared.id })
    clock.advance(keepMs + 1)
    const young = await uploadFile(mill.artifacts, owner, 'young')
    await mill.purge(keepMs)
    const ids = [only, shared, unnamed, young].map(({ id }) => id)
    const found = await mill.store.read(({ artifacts }) => Promise.all(ids.map((id) => artifacts.find(id))))
    expect(found.map((artifact) => artifact?.id ?? null)).toEqual([null, shared.id, null, young.id])
    expect(await blobsOf(mill)).toBe(2)
  })

  it('keeps a blob that another artifact has', async () => {
    const { clock, mill } = await openMill()
    await using _mill = mill
    await uploadFile(mill.artifacts, somebody(), 'same')
    clock.advance(keepMs + 1)
    const young = await uploadFile(mill.artifacts, somebody(), 'same')
    await mill.purge(keepMs)
    expect(await mill.blobs.localPath(young.hash)).toContain(young.hash)
  })

  it('forgets what is remembered no longer, and with a job its remembered result', async () => {
    const { clock, mill } = await openMill()
    await using _mill = mill
    const owner = somebody()
    const pool = fakePool({})
    const node = await mill.addNode(pool)
    await node.start()
    await mill.jobs.submit(owner, 'double', {}, { waitMs: 5000 })
    await mill.purge(keepMs)
    expect((await mill.jobs.submit(owner, 'double', {})).memoizedFrom).not.toBeNull()
    clock.advance(keepMs + 1)
    await mill.purge(keepMs)
    expect((await mill.jobs.submit(owner, 'double', {}, { waitMs: 5000 })).memoizedFrom).toBeNull()
    clock.advance(90 * day)
    await mill.purge(365 * day)
    expect(await mill.store.write(({ retention }) => retention.purgeMemos(clock.now(), 10))).toBe(0)
  })

  it('works off many jobs, and a job that told of itself many thousand times', async () => {
    const { clock, mill } = await openMill()
    await using _mill = mill
    const owner = somebody()
    const jobs = await Promise.all(Array.from({ length: 50 }, () => mill.jobs.submit(owner, 'double', {})))
    for (const { id } of jobs) await mill.jobs.cancel(owner, id)
    const script: Script = async (_request, listener) => {
      await Promise.all(Array.from({ length: 5000 }, (_, n) => listener.partial({ n })))
      return done
    }
    const node = await mill.addNode(fakePool({ double: script }))
    await node.start()
    const talkative = await mill.jobs.submit(owner, 'double', {}, { waitMs: 30_000 })
    expect(talkative.state).toBe('SUCCEEDED')
    clock.advance(keepMs + 1)
    await mill.purge(keepMs)
    for (const job of [...jobs, talkative]) expect(await remains(mill, job)).toEqual([])
    expect(await mill.store.read(({ log }) => log.read(jobTopic(talkative.id), 0, 10))).toEqual([])
  }, 60_000)

  it('by two servers at once is done once', async () => {
    const { clock, mill } = await openMill()
    await using _mill = mill
    const owner = somebody()
    const jobs = await Promise.all(Array.from({ length: 50 }, () => mill.jobs.submit(owner, 'double', {})))
    for (const { id } of jobs) await mill.jobs.cancel(owner, id)
    clock.advance(keepMs + 1)
    await Promise.all([mill.purge(keepMs), mill.purge(keepMs)])
    for (const job of jobs) expect(await remains(mill, job)).toEqual([])
  })
})

describe('the purge of an owner whose account was deleted', () => {
  async function depart(mill: TestMill): Promise<KnownPrincipal> {
    const user = await enterUser(mill.store)
    return somebody({ userId: user.id })
  }

  it('cancels, clears away and forgets, and touches nothing of anybody else', async () => {
    const { mill } = await openMill()
    await using _mill = mill
    const [owner, other] = [await depart(mill), somebody()]
    const pool = fakePool({ double: never }, 1)
    const node = await mill.addNode(pool)
    await node.start()
    const files = [await uploadFile(mill.artifacts, owner, 'mine'), await uploadFile(mill.artifacts, other, 'theirs')]
    const running = await mill.jobs.submit(owner, 'double', { file: files[0]?.id })
    await eventually(isIn(mill, running.id, 'RUNNING'))
    const queued = await mill.jobs.submit(owner, 'double', {})
    const scheduled = await mill.jobs.submit(owner, 'double', {}, { delayMs: day })
    const kept = await mill.jobs.submit(other, 'double', {}, { delayMs: day })
    await mill.store.write(({ accounts }) => accounts.deleteUser(owner.userId))
    await mill.purge(keepMs)
    for (const job of [queued, scheduled]) expect(await remains(mill, job)).toEqual([])
    // Until its thread has stopped nothing of it is gone.
    await eventually(async () => {
      await mill.purge(keepMs)
      return (await remains(mill, running)).length === 0
    })
    expect(await mill.store.read(({ retention }) => retention.departedOwners(0, 10))).toEqual([])
    expect(await mill.store.read(({ artifacts }) => artifacts.bytesOf(owner.userId))).toBe(0)
    expect(await blobsOf(mill)).toBe(1)
    expect((await mill.job(kept.id)).state).toBe('SCHEDULED')
    expect(mill.logger.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('waits for a job that does not stop, and keeps what it names', async () => {
    const { mill } = await openMill()
    await using _mill = mill
    const owner = await depart(mill)
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    // Without the pool's promise that an abort ends the attempt: native code, for a while.
    let isBegun = false
    const run = async () => {
      isBegun = true
      return toOutcome(await promise)
    }
    const pool = { ...fakePool({}), run }
    const node = await mill.addNode(pool)
    await node.start()
    const file = await uploadFile(mill.artifacts, owner, 'mine')
    const job = await mill.jobs.submit(owner, 'double', { file: file.id })
    await eventually(() => isBegun)
    await mill.store.write(({ accounts }) => accounts.deleteUser(owner.userId))
    await mill.purge(keepMs)
    await mill.purge(keepMs)
    expect(await mill.job(job.id)).toMatchObject({ state: 'RUNNING', cancelRequestedAt: mill.clock.now() })
    expect(await mill.blobs.localPath(file.hash)).toContain(file.hash)
    expect(await mill.store.read(({ retention }) => retention.departedOwners(0, 10))).toEqual([owner.userId])
    resolve(done)
    await eventually(isIn(mill, job.id, 'CANCELLED'))
    await mill.purge(keepMs)
    expect(await remains(mill, job)).toEqual([])
    expect(await blobsOf(mill)).toBe(0)
    expect(await mill.store.read(({ retention }) => retention.departedOwners(0, 10))).toEqual([])
  })

  it('lets nothing in that was under way, for a day, and looks once more before it forgets', async () => {
    const { clock, mill } = await openMill()
    await using _mill = mill
    const owner = await depart(mill)
    const isDeparted = () => mill.store.read(({ retention }) => retention.isDeparted(owner.userId))
    await uploadFile(mill.artifacts, owner, 'mine')
    await mill.store.write(({ accounts }) => accounts.deleteUser(owner.userId))
    const gone = { code: 'UNAUTHENTICATED', message: 'The account was deleted.' }
    const refused = async () => {
      await expect(mill.jobs.submit(owner, 'double', {}, { delayMs: 300 * day })).rejects.toMatchObject(gone)
      await expect(uploadFile(mill.artifacts, owner, 'late')).rejects.toMatchObject(gone)
    }
    await refused()
    await mill.purge(keepMs)
    expect(await blobsOf(mill)).toBe(0)
    clock.advance(day)
    await mill.purge(keepMs)
    await refused()
    // What another server's transaction let in, on a database where it did not see the deletion.
    const late = await enter(mill.store, { ownerId: owner.userId })
    clock.advance(1)
    await mill.purge(keepMs)
    expect(await remains(mill, late)).toEqual([])
    expect(await isDeparted()).toBe(false)
    expect(await mill.store.read(({ retention }) => retention.departedOwners(Infinity, 10))).toEqual([])
  })

  it('works off many jobs and files in one go', async () => {
    const { mill } = await openMill()
    await using _mill = mill
    const owner = await depart(mill)
    await Promise.all(Array.from({ length: 130 }, () => mill.jobs.submit(owner, 'double', {})))
    for (let n = 0; n < 45; n += 1) await uploadFile(mill.artifacts, owner, `file ${n}`)
    await mill.store.write(({ accounts }) => accounts.deleteUser(owner.userId))
    await mill.purge(keepMs)
    expect(await mill.store.read(({ ledger }) => ledger.list(owner.userId, { limit: 10 }))).toEqual([])
    expect(await mill.store.read(({ retention }) => retention.departedOwners(0, 10))).toEqual([])
    expect(await blobsOf(mill)).toBe(0)
  })
})
