import { describe, expect, it } from 'vitest'
import { claimQueue } from '../../src/adapters/local/claim-queue.ts'
import { localBus } from '../../src/adapters/local/local-bus.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Bus } from '../../src/ports/bus.ts'
import type { JobQueue } from '../../src/ports/job-queue.ts'
import { claimJobs } from '../../src/services/jobs/claim-jobs.ts'
import { createScriptedBus } from '../support/scripted-bus.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { openTestStore, type TestStore } from '../support/open-test-store.ts'
import { newJob } from './fixtures/new-job.ts'

interface Bench extends AsyncDisposable {
  readonly store: TestStore
  readonly bus: Bus
  /** A queue for a node of its own. It looks by itself after an hour only, unless the test says otherwise. */
  queue(nodeId?: string, pollMs?: number, bus?: Bus): Promise<JobQueue>
  enter(count: number): Promise<void>
}

async function openBench(): Promise<Bench> {
  const resources = new AsyncDisposableStack()
  const store = resources.use(await openTestStore())
  const logger = collectingLogger()
  const bus = resources.use(localBus(logger))
  return {
    store,
    bus,
    async queue(nodeId = 'node_1', pollMs = 3_600_000, ownBus = bus) {
      const claim = claimJobs({ store, clock: systemClock, nodeId, tasks: { tasks: [] } })
      return resources.use(await claimQueue({ bus: ownBus, logger, claim, pollMs }))
    },
    async enter(count) {
      await store.write(async ({ ledger }) => {
        for (let n = 0; n < count; n += 1) await ledger.insert(newJob())
      })
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const forever = () => new AbortController().signal

describe('the queue of claims', () => {
  it('gives what is there at once, running for its node, and tells the topic of each job', async () => {
    await using bench = await openBench()
    await bench.enter(3)
    const queue = await bench.queue()
    const jobs = await queue.take(() => 2, forever())
    expect(jobs).toHaveLength(2)
    for (const job of jobs) {
      expect(job).toMatchObject({ state: 'RUNNING', nodeId: 'node_1', fence: 1 })
      const events = await bench.store.read(({ log }) => log.read(`job:${job.id}`, 0, 10))
      expect(events.map(({ body }) => body)).toEqual([{ type: 'JobStateChanged', at: job.startedAt, job }])
    }
  })

  it('waits for an announcement', async () => {
    await using bench = await openBench()
    const queue = await bench.queue()
    const taking = queue.take(() => 5, forever())
    await bench.enter(1)
    queue.announce()
    expect(await taking).toHaveLength(1)
  })

  it('looks when the bus is live again: what was announced before was not heard', async () => {
    await using bench = await openBench()
    const bus = createScriptedBus()
    const queue = await bench.queue('node_1', 3_600_000, bus)
    let asked = 0
    const taking = queue.take(() => {
      asked += 1
      return 5
    }, forever())
    bus.turn(false)
    await bench.enter(1)
    bus.turn(true)
    expect(await taking).toHaveLength(1)
    expect(asked).toBeGreaterThan(0)
    await queue[Symbol.asyncDispose]()
    expect(bus.watchers).toBe(0)
  })

  it('hears what another queue announces', async () => {
    await using bench = await openBench()
    const taking = (await bench.queue('node_1')).take(() => 5, forever())
    await bench.enter(1)
    const other = await bench.queue('node_2')
    other.announce()
    expect(await taking).toHaveLength(1)
  })

  it('misses no announcement that comes while it looks', async () => {
    await using bench = await openBench()
    const queue = await bench.queue()
    for (let round = 0; round < 30; round += 1) {
      const taking = queue.take(() => 1, forever())
      // At another moment of the look each time.
      for (let turn = 0; turn < round % 6; turn += 1) await Promise.resolve()
      const entering = bench.enter(1).then(() => queue.announce())
      expect(await taking).toHaveLength(1)
      await entering
    }
  })

  it('finds a job although the bus loses everything', async () => {
    await using bench = await openBench()
    const deaf: Bus = {
      publish() {},
      subscribe: async () => () => undefined,
      isLive: false,
      onChange: () => () => undefined,
      async [Symbol.asyncDispose]() {},
    }
    const queue = await bench.queue('node_1', 10, deaf)
    const taking = queue.take(() => 1, forever())
    await bench.enter(1)
    queue.announce()
    expect(await taking).toHaveLength(1)
  })

  it('answers nothing when it is told to stop, before or while it waits', async () => {
    await using bench = await openBench()
    const queue = await bench.queue()
    await bench.enter(1)
    expect(await queue.take(() => 1, AbortSignal.abort())).toEqual([])
    expect(await queue.take(() => 1, forever())).toHaveLength(1)
    const stop = new AbortController()
    const taking = queue.take(() => 1, stop.signal)
    await new Promise((resolve) => setTimeout(resolve, 20))
    stop.abort()
    expect(await taking).toEqual([])
  })

  it('asks before each look how much room there is, and answers nothing when there is none', async () => {
    await using bench = await openBench()
    const queue = await bench.queue()
    let room = 5
    const taking = queue.take(() => room, forever())
    room = 1
    await bench.enter(3)
    queue.announce()
    expect(await taking).toHaveLength(1)
    expect(await queue.take(() => 0, forever())).toEqual([])
  })

  it('gives what it had claimed when it was told to stop', async () => {
    await using bench = await openBench()
    await bench.enter(1)
    const queue = await bench.queue()
    const stop = new AbortController()
    const taking = queue.take(() => 1, stop.signal)
    stop.abort()
    expect(await taking).toHaveLength(1)
  })

  it('gives no job twice to many that take at once', async () => {
    await using bench = await openBench()
    const queues = await Promise.all(['a', 'b', 'c', 'd'].map((name) => bench.queue(`node_${name}`)))
    const stop = new AbortController()
    const taken: string[] = []
    const takers = queues.flatMap((queue) =>
      [1, 2, 3].map(async (limit) => {
        while (!stop.signal.aborted) {
          for (const { id } of await queue.take(() => limit, stop.signal)) taken.push(id)
          if (taken.length >= 200) stop.abort()
        }
      }),
    )
    for (let n = 0; n < 20; n += 1) {
      await bench.enter(10)
      queues[n % 4]?.announce()
    }
    await Promise.all(takers)
    expect(taken).toHaveLength(200)
    expect(new Set(taken).size).toBe(200)
  })

  it('goes on after the ledger could not be asked, and says so in the log', async () => {
    const logger = collectingLogger()
    await using bus = localBus(logger)
    let looks = 0
    const claim = async () => {
      looks += 1
      throw new Error('The disk is full.')
    }
    await using queue = await claimQueue({ bus, logger, claim, pollMs: 5 })
    const stop = new AbortController()
    const taking = queue.take(() => 1, stop.signal)
    while (looks < 3) await new Promise((resolve) => setTimeout(resolve, 2))
    stop.abort()
    expect(await taking).toEqual([])
    expect(logger.lines[0]).toMatchObject({ level: 'warn', message: 'No jobs could be claimed; it is tried again.' })
  })

  it('lets go of who waits when it is closed', async () => {
    await using bench = await openBench()
    const queue = await bench.queue()
    const taking = queue.take(() => 1, forever())
    await queue[Symbol.asyncDispose]()
    expect(await taking).toEqual([])
  })
})
