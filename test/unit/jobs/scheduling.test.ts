import { describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { describeTask, done, fakePool, type ScriptedOutcome } from '../../support/fake-pool.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { isIn, never, submit } from './mill-steps.ts'

const hour = 3_600_000

describe('a job for later', () => {
  it('is SCHEDULED, and QUEUED when its time has come, not a millisecond before', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const byDelay = await submit(mill, {}, { delayMs: 1000 })
    const byTime = await submit(mill, {}, { runAt: clock.now() + 1000 })
    for (const job of [byDelay, byTime]) {
      expect(job).toMatchObject({ state: 'SCHEDULED', createdAt: clock.now(), runAt: clock.now() + 1000 })
    }
    clock.advance(999)
    expect(await mill.sweep()).toBe(0)
    clock.advance(1)
    expect(await mill.sweep()).toBe(2)
    expect(await mill.story(byDelay.id)).toEqual(['SCHEDULED', 'QUEUED'])
  })

  it('starts when it is due, although the next sweep is far off', async () => {
    await using mill = await openTestMill()
    const node = await mill.addNode(fakePool({}), { sweepMs: hour })
    await node.start()
    const job = await submit(mill, {}, { delayMs: 100, waitMs: 5000 })
    expect(job.state).toBe('SUCCEEDED')
    expect(job.startedAt).toBeGreaterThanOrEqual(job.runAt)
    expect(await mill.story(job.id)).toEqual(['SCHEDULED', 'QUEUED', 'RUNNING', 'SUCCEEDED.'])
  })

  it('and an earlier one that is entered after it both start when they are due', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({})
    const node = await mill.addNode(pool, { sweepMs: hour })
    await node.start()
    const late = await submit(mill, {}, { delayMs: 250 })
    const early = await submit(mill, {}, { delayMs: 50 })
    await eventually(() => pool.requests.length === 2)
    expect(pool.requests.map(({ job }) => job.id)).toEqual([early.id, late.id])
  })

  it('that was entered before the node started is looked up there', async () => {
    await using mill = await openTestMill()
    const { id } = await submit(mill, {}, { delayMs: 200 })
    const node = await mill.addNode(fakePool({}), { sweepMs: hour })
    await node.start()
    await eventually(isIn(mill, id, 'SUCCEEDED'))
  })

  it('is found by the sweep although the word of it was lost', async () => {
    await using mill = await openTestMill()
    const node = await mill.addNode(fakePool({}), { sweepMs: 20 })
    await node.start()
    const { id } = await submit(mill, {}, { delayMs: hour })
    await mill.store.write(({ ledger }) => ledger.update(id, { states: ['SCHEDULED'] }, { runAt: Date.now() }))
    await eventually(isIn(mill, id, 'SUCCEEDED'))
  })

  it('runs by its priority once it is due', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const scheduled = await submit(mill, {}, { delayMs: 10, priority: 5 })
    const queued = await submit(mill)
    clock.advance(10)
    expect(await mill.sweep()).toBe(1)
    const pool = fakePool({}, 1)
    const node = await mill.addNode(pool)
    await node.start()
    await eventually(() => pool.requests.length === 2)
    expect(pool.requests.map(({ job }) => job.id)).toEqual([scheduled.id, queued.id])
  })

  it('among more than one sweep moves at once is not forgotten', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const jobs = Array.from({ length: 250 }, () => mill.jobs.submit(owner, 'double', {}, { delayMs: 300 }))
    await Promise.all(jobs)
    const pool = fakePool({}, 8)
    const node = await mill.addNode(pool, { sweepMs: hour })
    await node.start()
    await eventually(() => pool.requests.length === 250, 20_000)
  }, 30_000)

  it('can be cancelled before it runs', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const { id } = await mill.jobs.submit(owner, 'double', {}, { delayMs: hour })
    expect((await mill.jobs.cancel(owner, id)).state).toBe('CANCELLED')
    expect(await mill.story(id)).toEqual(['SCHEDULED', 'CANCELLED.'])
  })

  it('keeps no timer of a runner that was stopped', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({})
    const node = await mill.addNode(pool, { sweepMs: hour })
    await node.start()
    const { id } = await submit(mill, {}, { delayMs: 50 })
    await node.stop(0)
    const other = await mill.addNode(fakePool({}), { sweepMs: hour })
    await other.start()
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect((await mill.job(id)).nodeId).toBe(other.nodeId)
    expect(pool.requests).toEqual([])
  })
})

describe('a job that is to begin in time', () => {
  it.each([
    ['QUEUED', {}],
    ['SCHEDULED', { delayMs: 500 }],
  ] as const)('and is still %s is EXPIRED at that time, not a millisecond before', async (state, options) => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const { id } = await submit(mill, {}, { ...options, expiresAt: clock.now() + 1000 })
    clock.advance(999)
    if (state === 'QUEUED') await mill.sweep()
    expect((await mill.job(id)).state).toBe(state)
    clock.advance(1)
    expect(await mill.sweep()).toBe(0)
    expect(await mill.job(id)).toMatchObject({ state: 'EXPIRED', finishedAt: clock.now(), fence: 0, error: null })
    expect((await mill.story(id)).at(-1)).toBe('EXPIRED.')
  })

  it('is not run once it is late, although no sweep has noticed', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => promise }, 1)
    const node = await mill.addNode(pool, { sweepMs: hour })
    await node.start()
    const first = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    const late = await submit(mill, {}, { expiresAt: clock.now() + 1000, priority: 1 })
    const last = await submit(mill)
    clock.advance(1000)
    resolve(done)
    await eventually(isIn(mill, last.id, 'SUCCEEDED'))
    expect(pool.requests.map(({ job }) => job.id)).toEqual([first.id, last.id])
    expect((await mill.job(late.id)).state).toBe('QUEUED')
  })

  it('and has begun may take as long as it likes', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => promise })
    const node = await mill.addNode(pool)
    await node.start()
    const { id } = await submit(mill, {}, { expiresAt: clock.now() + 1000 })
    await eventually(() => pool.requests.length === 1)
    clock.advance(hour)
    await mill.sweep()
    expect((await mill.job(id)).state).toBe('RUNNING')
    resolve(done)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
  })

  it('tells who waits for it that it is EXPIRED', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const waiting = submit(mill, {}, { expiresAt: clock.now() + 1000, waitMs: 10_000 })
    await eventually(async () => (await mill.store.read(({ ledger }) => ledger.countQueued())) === 1)
    clock.advance(1000)
    await mill.sweep()
    expect((await waiting).state).toBe('EXPIRED')
  })

  it('in a crowd expires with all the others in one sweep', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const owner = somebody()
    const options = { expiresAt: clock.now() + 1 }
    const jobs = await Promise.all(Array.from({ length: 230 }, () => mill.jobs.submit(owner, 'double', {}, options)))
    clock.advance(1)
    await mill.sweep()
    const states = await mill.store.read(({ ledger }) => Promise.all(jobs.map(({ id }) => ledger.find(id))))
    expect(new Set(states.map((job) => job?.state))).toEqual(new Set(['EXPIRED']))
  })
})

describe('a clock that is turned back', () => {
  it('leaves a job SCHEDULED until its time comes again, and runs it once', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const pool = fakePool({})
    const node = await mill.addNode(pool, { sweepMs: 10 })
    await node.start()
    const { id } = await submit(mill, {}, { delayMs: 1000 })
    clock.advance(-hour)
    expect(await mill.sweep()).toBe(0)
    clock.advance(hour + 1000)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(pool.requests).toHaveLength(1)
  })

  it('while a job runs does not hinder its end, and does not run it again', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => promise })
    const node = await mill.addNode(pool, { sweepMs: 10 })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    clock.advance(-hour)
    expect(await mill.sweep()).toBe(0)
    resolve(done)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.job(id)).toMatchObject({ fence: 1, losses: 0, finishedAt: clock.now() })
    expect(pool.requests).toHaveLength(1)
  })

  it('between two attempts puts the next one off by no more than it was turned', async () => {
    const clock = fakeClock()
    const task = describeTask('double', { retries: { attempts: 2, baseMs: 1000, capMs: 1000 } })
    await using mill = await openTestMill({ clock, tasks: [task] })
    const pool = fakePool({
      double: ({ job }) =>
        job.attempt === 2 ? done : { type: 'failed', error: { code: 'TASK_ERROR', message: 'No.' } },
    })
    const node = await mill.addNode(pool, { sweepMs: 10, random: () => 1 })
    await node.start()
    const { id } = await submit(mill)
    await eventually(isIn(mill, id, 'SCHEDULED'))
    clock.advance(-hour)
    expect(await mill.sweep()).toBe(0)
    clock.advance(hour + 1000)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(pool.requests).toHaveLength(2)
  })

  it('takes nothing from a node that is alive', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const pool = fakePool({ double: never })
    const node = await mill.addNode(pool)
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    for (const turn of [-hour, 2 * hour]) {
      clock.advance(turn)
      expect(await mill.sweep()).toBe(0)
    }
    expect(await mill.job(id)).toMatchObject({ state: 'RUNNING', fence: 1 })
  })
})
