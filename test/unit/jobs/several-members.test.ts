import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { localBus } from '../../../src/adapters/local/local-bus.ts'
import type { Bus } from '../../../src/ports/bus.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { eventually } from '../../support/eventually.ts'
import { describeTask, done, fakePool, type FakePool, type Script } from '../../support/fake-pool.ts'
import { openTestMill, type TestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { isIn, never, submit } from './mill-steps.ts'

/** Nodes as several processes have them, each over a connection of its own. */
async function startNodes(
  mill: TestMill,
  pools: readonly FakePool[],
  options: Parameters<TestMill['addNode']>[1] = {},
) {
  const nodes = []
  for (const pool of pools) nodes.push(await mill.addNode(pool, { store: await mill.openStore(), ...options }))
  await Promise.all(nodes.map((node) => node.start()))
  return nodes
}

const countsOf = (pools: readonly FakePool[]) => pools.map(({ requests }) => requests.length)

describe('jobs that all enter at one of four nodes', () => {
  it('are shared out evenly where they last, since whoever has a free thread takes the next one', async () => {
    await using mill = await openTestMill()
    const slow: Script = async () => sleep(200, done)
    const pools = [1, 2, 3, 4].map(() => fakePool({ double: slow }, 1))
    await startNodes(mill, pools)
    const jobs = await Promise.all(Array.from({ length: 40 }, () => submit(mill)))
    for (const { id } of jobs) await eventually(isIn(mill, id, 'SUCCEEDED'), 20_000)
    for (const count of countsOf(pools)) expect(count).toBeGreaterThanOrEqual(5)
    expect(countsOf(pools).reduce((sum, count) => sum + count)).toBe(40)
  }, 30_000)

  it('go to those that have a thread that does nothing while one is busy for long', async () => {
    await using mill = await openTestMill({ tasks: [describeTask('double'), describeTask('long')] })
    const pools = [1, 2, 3, 4].map(() => fakePool({ long: never, double: () => sleep(5, done) }, 1))
    await startNodes(mill, pools)
    await mill.jobs.submit(somebody(), 'long', {})
    await eventually(() => countsOf(pools).includes(1))
    const busy = pools.find(({ requests }) => requests.length === 1)
    const jobs = await Promise.all(Array.from({ length: 60 }, () => submit(mill)))
    for (const { id } of jobs) await eventually(isIn(mill, id, 'SUCCEEDED'), 20_000)
    expect(busy?.requests).toHaveLength(1)
    for (const count of countsOf(pools.filter((pool) => pool !== busy))) expect(count).toBeGreaterThanOrEqual(5)
  }, 30_000)

  it('run in the order of their priorities over all nodes together', async () => {
    await using mill = await openTestMill()
    const began: unknown[] = []
    const note: Script = ({ input }) => {
      began.push(input)
      return sleep(20, done)
    }
    const pools = [1, 2].map(() => fakePool({ double: note }, 1))
    const jobs = []
    for (const n of [1, 2, 3, 4, 5, 6]) jobs.push(await submit(mill, { n }, { priority: n }))
    await startNodes(mill, pools)
    for (const { id } of jobs) await eventually(isIn(mill, id, 'SUCCEEDED'))
    // Two run at once, so that two neighbours may change places.
    const order = began.map((input) => (input as { n: number }).n)
    for (const [place, n] of order.entries()) expect(Math.abs(6 - place - n)).toBeLessThanOrEqual(1)
  })
})

describe('a job that is due later', () => {
  it('runs once although every node promotes it', async () => {
    await using mill = await openTestMill()
    const pools = [1, 2, 3, 4].map(() => fakePool({}))
    await startNodes(mill, pools, { sweepMs: 20, pollMs: 20 })
    const jobs = await Promise.all(Array.from({ length: 30 }, () => submit(mill, {}, { delayMs: 100 })))
    for (const { id } of jobs) {
      await eventually(isIn(mill, id, 'SUCCEEDED'))
      expect(await mill.story(id)).toEqual(['SCHEDULED', 'QUEUED', 'RUNNING', 'SUCCEEDED.'])
    }
    const ran = pools.flatMap(({ requests }) => requests.map(({ job }) => job.id))
    expect(ran.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted())
  })
})

describe('a cancel that was asked for in another process', () => {
  /** A bus on which nothing comes through from the others. */
  async function deafBus(): Promise<Bus> {
    return localBus(collectingLogger())
  }

  it('stops the job at once where the bus tells of it, and by the renewal of the lease where it does not', async () => {
    await using mill = await openTestMill()
    await using deaf = await deafBus()
    const pools = [fakePool({ double: never }, 1), fakePool({ double: never }, 1)] as const
    const rare = { leaseMs: 3_600_000, renewMs: 3_600_000 }
    const hearing = await mill.addNode(pools[0], { store: await mill.openStore(), times: rare })
    await hearing.start()
    const owner = somebody()
    const first = await mill.jobs.submit(owner, 'double', {})
    await eventually(() => pools[0].requests.length === 1)
    const times = { leaseMs: 60_000, renewMs: 20 }
    const isDeaf = await mill.addNode(pools[1], { store: await mill.openStore(), times, bus: deaf })
    const second = await mill.jobs.submit(owner, 'double', {})
    await isDeaf.start()
    await eventually(() => pools[1].requests.length === 1)
    for (const { id } of [first, second]) {
      await mill.jobs.cancel(owner, id)
      await eventually(isIn(mill, id, 'CANCELLED'))
      expect(await mill.attempts(id)).toMatchObject([{ outcome: 'CANCELLED' }])
    }
  })
})

describe('a standstill of the store that outlasts the leases', () => {
  it('is to blame on no job, for all nodes live', async () => {
    await using mill = await openTestMill()
    const waits: Script = ({ job }) => (job.attempt > 1 ? done : new Promise(() => undefined))
    const pools = [1, 2, 3].map(() => fakePool({ double: waits }, 1))
    const times = { leaseMs: 1800, renewMs: 200 }
    await startNodes(mill, pools, { times, sweepMs: 10, pollMs: 50 })
    const jobs = await Promise.all(pools.map(() => submit(mill)))
    await eventually(() => countsOf(pools).every((count) => count === 1))
    // So long that each of them is steady.
    await sleep(times.leaseMs + times.renewMs)
    using locker = new DatabaseSync(mill.path)
    locker.exec('BEGIN IMMEDIATE')
    await sleep(times.leaseMs + times.renewMs)
    locker.exec('ROLLBACK')
    for (const { id } of jobs) {
      await eventually(isIn(mill, id, 'SUCCEEDED'))
      expect(await mill.job(id)).toMatchObject({ fence: 2, losses: 0 })
    }
  }, 20_000)
})

describe('a task that may be tried several times', () => {
  it('is tried as often as that by all nodes together', async () => {
    const retries = { attempts: 3, baseMs: 1, capMs: 2 }
    await using mill = await openTestMill({ tasks: [describeTask('double', { retries })] })
    const failing: Script = () => ({ type: 'failed', error: { code: 'TASK_ERROR', message: 'no' } })
    const pools = [1, 2, 3].map(() => fakePool({ double: failing }, 1))
    await startNodes(mill, pools, { sweepMs: 10, pollMs: 10 })
    const jobs = await Promise.all(Array.from({ length: 10 }, () => submit(mill)))
    for (const { id } of jobs) {
      await eventually(isIn(mill, id, 'FAILED'))
      expect(await mill.job(id)).toMatchObject({ attempts: 3, fence: 3, losses: 0 })
    }
    expect(countsOf(pools).reduce((sum, count) => sum + count)).toBe(30)
  })
})
