import { describe, expect, it } from 'vitest'
import { createUnwantedFailing } from '../../../src/services/jobs/fail-unwanted.ts'
import { createTaskCatalogue } from '../../../src/services/jobs/task-catalogue.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { describeTask, done, fakePool, type ScriptedOutcome } from '../../support/fake-pool.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { isIn, never, submit } from './mill-steps.ts'

const hour = 3_600_000
const minute = 60_000
const inputSchema = { type: 'object', properties: { m: { type: 'number' } }, required: ['m'] } as const
const catalogueOf = (...tasks: Parameters<typeof describeTask>[]) =>
  createTaskCatalogue(tasks.map((task) => describeTask(...task)))

describe('nodes with different tasks', () => {
  it('each run the jobs of their own, in their turn, and leave the others alone', async () => {
    await using mill = await openTestMill({ tasks: [describeTask('double'), describeTask('newer')] })
    const [older, newer] = [fakePool({}), fakePool({})]
    const tasks = catalogueOf(['newer'], ['double', { concurrency: 1 }])
    const nodes = [await mill.addNode(older, { tasks: catalogueOf(['double']) }), await mill.addNode(newer, { tasks })]
    const owner = somebody()
    const names = Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? 'newer' : 'double'))
    const jobs = await Promise.all(names.map((name) => mill.jobs.submit(owner, name, {})))
    await Promise.all(nodes.map((node) => node.start()))
    for (const { id } of jobs) await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(older.requests.filter(({ task }) => task !== 'double')).toEqual([])
    expect(newer.requests.filter(({ task }) => task === 'newer')).toHaveLength(20)
    for (const { id } of jobs) expect((await mill.job(id)).fence).toBe(1)
  })
})

describe('a job whose task no node has', () => {
  async function openWatched() {
    const clock = fakeClock()
    const mill = await openTestMill({ clock })
    let jumpedMs = 0
    const watch = createUnwantedFailing({
      store: mill.store,
      clock,
      tasks: catalogueOf(['other']),
      monotonicMs: () => clock.now() - jumpedMs,
    })
    /** Sets the clock of the machine forward. */
    const jump = (ms: number) => {
      jumpedMs += ms
      clock.advance(ms)
    }
    return { clock, mill, watch, jump }
  }

  it('fails when it has waited for a minute since it was due', async () => {
    const { clock, mill, watch } = await openWatched()
    await using _mill = mill
    const { id } = await submit(mill)
    await watch()
    clock.advance(minute - 1)
    await watch()
    expect(await mill.job(id)).toMatchObject({ state: 'QUEUED', fence: 0 })
    const late = await submit(mill)
    clock.advance(1)
    await watch()
    expect(await mill.job(id)).toMatchObject({
      state: 'FAILED',
      error: { code: 'UNKNOWN_TASK', message: 'No task named double is loaded any more.' },
      finishedAt: clock.now(),
    })
    expect(await mill.story(id)).toEqual(['QUEUED', 'FAILED.'])
    expect((await mill.job(late.id)).state).toBe('QUEUED')
  })

  it('waits anew where a node had it meanwhile, and for nodes that are only being started', async () => {
    const { clock, mill, watch } = await openWatched()
    await using _mill = mill
    const { id } = await submit(mill)
    // Nobody was there for an hour.
    clock.advance(hour)
    await watch()
    clock.advance(minute / 2)
    await mill.store.write(({ nodes }) => nodes.renew('node_old', 60_000, new Map([['double', '1']])))
    await watch()
    await mill.store.write(({ nodes }) => nodes.renew('node_old', -1, new Map([['double', '1']])))
    await watch()
    clock.advance(minute - 1)
    await watch()
    expect((await mill.job(id)).state).toBe('QUEUED')
    clock.advance(1)
    await watch()
    expect((await mill.job(id)).state).toBe('FAILED')
  })

  it('does not fail because the clock of the machine was set forward', async () => {
    const { clock, mill, watch, jump } = await openWatched()
    await using _mill = mill
    const { id } = await submit(mill)
    await watch()
    jump(hour)
    await watch()
    expect((await mill.job(id)).state).toBe('QUEUED')
    clock.advance(minute)
    await watch()
    expect((await mill.job(id)).state).toBe('FAILED')
  })

  it('fails once although several nodes look at once, as all that wait with it do', async () => {
    const { clock, mill, watch } = await openWatched()
    await using _mill = mill
    const store = await mill.openStore()
    const second = createUnwantedFailing({ store, clock, tasks: catalogueOf(['other']), monotonicMs: clock.now })
    const jobs = await Promise.all(Array.from({ length: 250 }, () => submit(mill)))
    await Promise.all([watch(), second()])
    clock.advance(minute)
    await Promise.all([watch(), second()])
    for (const { id } of jobs) expect(await mill.story(id)).toEqual(['QUEUED', 'FAILED.'])
  })

  it('is found by a running node', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const pool = fakePool({})
    const node = await mill.addNode(pool, {
      tasks: catalogueOf(['other']),
      sweepMs: 2,
      pollMs: 2,
      monotonicMs: clock.now,
    })
    const { id } = await submit(mill)
    await node.start()
    await eventually(async () => {
      clock.advance(minute / 10)
      return (await mill.job(id)).state === 'FAILED'
    })
    expect((await mill.job(id)).fence).toBe(0)
    expect(pool.requests).toEqual([])
  })
})

describe('a job that was entered for a version', () => {
  const older = catalogueOf(['double', { version: '1' }])
  const newer = [describeTask('double', { version: '2', inputSchema })]

  it('waits for the node that has it, though others have a thread that does nothing', async () => {
    await using mill = await openTestMill()
    const first = Promise.withResolvers<ScriptedOutcome>()
    const pools = [
      fakePool({}),
      fakePool({ double: ({ job }) => (job.attempt === 9 ? done : first.promise) }, 1),
    ] as const
    const node = await mill.addNode(pools[1], { tasks: createTaskCatalogue(newer) })
    await node.start()
    const other = await mill.addNode(pools[0], { tasks: older, pollMs: 5 })
    await other.start()
    const jobs = mill.jobsWith(newer)
    const owner = somebody()
    const [{ id }, second] = [
      await jobs.submit(owner, 'double', { m: 1 }),
      await jobs.submit(owner, 'double', { m: 2 }),
    ]
    await eventually(() => pools[1].requests.length === 1)
    // What is for the older node is run meanwhile, past the one that waits.
    const third = await submit(mill, {}, { waitMs: 5000 })
    expect(third).toMatchObject({ state: 'SUCCEEDED', taskVersion: '1', nodeId: other.nodeId })
    expect(await mill.job(second.id)).toMatchObject({ state: 'QUEUED', fence: 0 })
    first.resolve(done)
    for (const each of [id, second.id]) {
      await eventually(isIn(mill, each, 'SUCCEEDED'))
      expect(await mill.job(each)).toMatchObject({ taskVersion: '2', nodeId: node.nodeId, fence: 1 })
    }
  })

  it('goes back from a node that had not heard of the one that has it, and does not fail', async () => {
    await using mill = await openTestMill()
    const first = await mill.addNode(fakePool({}), { tasks: older, sweepMs: hour })
    await first.start()
    const pool = fakePool({ double: never }, 1)
    const second = await mill.addNode(pool, { tasks: createTaskCatalogue(newer), sweepMs: hour })
    await second.start()
    const jobs = mill.jobsWith(newer)
    const owner = somebody()
    // The second node is busy with one, so that the first claims another sooner or later.
    const entered = await Promise.all([1, 2].map((m) => jobs.submit(owner, 'double', { m })))
    await eventually(() => pool.requests.length === 1)
    const handedBack = async () => {
      const found = await Promise.all(entered.map(({ id }) => mill.attempts(id)))
      return found.flat().filter(({ outcome }) => outcome === 'HANDED_BACK')
    }
    await eventually(async () => (await handedBack()).length > 0)
    const states = async () => (await Promise.all(entered.map(({ id }) => mill.job(id)))).map(({ state }) => state)
    expect((await states()).toSorted()).toEqual(['QUEUED', 'RUNNING'])
    for (const { nodeId } of await handedBack()) expect(nodeId).toBe(first.nodeId)
  })

  it('is for others as soon as the node that has it takes no more jobs', async () => {
    await using mill = await openTestMill()
    const busy = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => busy.promise }, 1)
    const leaving = await mill.addNode(pool, { tasks: older, sweepMs: hour, store: await mill.openStore() })
    await leaving.start()
    const running = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    const tasks = catalogueOf(['double', { version: '2' }])
    const node = await mill.addNode(fakePool({}), { tasks, sweepMs: hour, store: await mill.openStore() })
    await node.start()
    const { id } = await submit(mill)
    const stopping = leaving.stop(60_000)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.job(id)).toMatchObject({ taskVersion: '2', nodeId: node.nodeId })
    busy.resolve(done)
    await stopping
    expect(await mill.job(running.id)).toMatchObject({ state: 'SUCCEEDED', taskVersion: '1' })
  })
})
