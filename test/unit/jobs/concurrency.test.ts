import { describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { describeTask, done, fakePool, type Script } from '../../support/fake-pool.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'

describe('a task of which only so many jobs may run at once', () => {
  it('keeps to that over two nodes, and hinders no other task', async () => {
    const tasks = [describeTask('double', { concurrency: 3 }), describeTask('free')]
    await using mill = await openTestMill({ tasks })
    const owner = somebody()
    let running = 0
    let most = 0
    const script: Script = async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return done
    }
    const second = await mill.openStore()
    const pools = [fakePool({ double: script }, 4), fakePool({ double: script }, 4)]
    for (const [index, pool] of pools.entries()) {
      const node = await mill.addNode(pool, { pollMs: 20, ...(index === 1 ? { store: second } : {}) })
      await node.start()
    }
    const limited = Array.from({ length: 60 }, () => mill.jobs.submit(owner, 'double', {}, { priority: 5 }))
    const free = Array.from({ length: 20 }, () => mill.jobs.submit(owner, 'free', {}))
    const jobs = await Promise.all([...limited, ...free])
    await eventually(async () => {
      const found = await mill.store.read(({ ledger }) => Promise.all(jobs.map(({ id }) => ledger.find(id))))
      return found.every((job) => job?.state === 'SUCCEEDED')
    }, 20_000)
    expect(most).toBe(3)
    expect(pools.flatMap(({ requests }) => requests)).toHaveLength(80)
  }, 30_000)

  it('leaves room to others while its own jobs wait', async () => {
    const tasks = [describeTask('double', { concurrency: 1 }), describeTask('free')]
    await using mill = await openTestMill({ tasks })
    const owner = somebody()
    const { promise, resolve } = Promise.withResolvers<typeof done>()
    const pool = fakePool({ double: () => promise }, 2)
    const node = await mill.addNode(pool)
    await node.start()
    await mill.jobs.submit(owner, 'double', {})
    await eventually(() => pool.requests.length === 1)
    const waiting = await mill.jobs.submit(owner, 'double', {}, { priority: 100 })
    expect((await mill.jobs.submit(owner, 'free', {}, { waitMs: 5000 })).state).toBe('SUCCEEDED')
    expect((await mill.job(waiting.id)).state).toBe('QUEUED')
    resolve(done)
    await eventually(async () => (await mill.job(waiting.id)).state === 'SUCCEEDED')
  })
})

describe('the room of a pool', () => {
  it('is what it says, so that nothing is claimed while a zombie holds the last thread', async () => {
    await using mill = await openTestMill()
    let free = 0
    const listeners = new Set<() => void>()
    const real = fakePool({}, 2)
    const pool = Object.defineProperty({ ...real, onFree: (hear: () => void) => listen(hear) }, 'free', {
      get: () => free,
    })
    function listen(hear: () => void): () => void {
      listeners.add(hear)
      return () => void listeners.delete(hear)
    }
    const node = await mill.addNode(pool)
    await node.start()
    const job = await mill.jobs.submit(somebody(), 'double', {})
    mill.queue.announce()
    await mill.sweep()
    expect((await mill.job(job.id)).state).toBe('QUEUED')
    free = 1
    for (const hear of listeners) hear()
    await eventually(async () => (await mill.job(job.id)).state === 'SUCCEEDED')
    await node.stop(0)
    expect(listeners.size).toBe(0)
  })
})
