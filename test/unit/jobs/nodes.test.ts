import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/ports/store.ts'
import { keepNodeLease } from '../../../src/services/jobs/node-lease.ts'
import { eventually } from '../../support/eventually.ts'
import { done, fakePool, type Script, type ScriptedOutcome } from '../../support/fake-pool.ts'
import { isIn, never, submit } from './mill-steps.ts'
import { openTestMill, type TestMill } from '../../support/open-test-mill.ts'

/** Keeps the event loop from going on for so many ms. */
function block(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

/** Why leases were lost, as the log has it. */
function lossesOf({ logger }: TestMill): readonly unknown[] {
  return logger.lines.flatMap(({ fields }) => ('cause' in fields ? [fields.cause] : []))
}

describe('several nodes', () => {
  it('run each of 500 jobs once', async () => {
    await using mill = await openTestMill()
    const second = await mill.openStore()
    const pools = [fakePool({}, 4), fakePool({}, 4)]
    const [left, right] = pools
    if (left === undefined || right === undefined) throw new Error('two pools')
    const nodes = [await mill.addNode(left, { pollMs: 20 }), await mill.addNode(right, { pollMs: 20, store: second })]
    await Promise.all(nodes.map((node) => node.start()))
    const jobs = await Promise.all(Array.from({ length: 500 }, () => submit(mill)))
    await eventually(async () => {
      const states = await mill.store.read(({ ledger }) => Promise.all(jobs.map(({ id }) => ledger.find(id))))
      return states.every((job) => job?.state === 'SUCCEEDED')
    }, 20_000)
    const ran = pools.flatMap(({ requests }) => requests.map(({ job }) => job.id))
    expect(ran.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted())
    expect(pools.map(({ requests }) => requests.length > 0)).toEqual([true, true])
    for (const { id } of jobs) expect((await mill.job(id)).fence).toBe(1)
  }, 30_000)

  it('take over from one whose lease has run out, whose finish is then refused', async () => {
    await using mill = await openTestMill()
    const broken = await mill.openStore()
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const first = fakePool({ double: () => promise })
    const times = { leaseMs: 400, renewMs: 100 }
    const ill = await mill.addNode(first, { times, store: broken })
    await ill.start()
    const { id } = await submit(mill)
    await eventually(() => first.requests.length === 1)
    broken.fails = true
    const healthy = await mill.addNode(fakePool({ double: () => ({ type: 'succeeded', output: { by: 'second' } }) }), {
      times,
      sweepMs: 50,
    })
    await healthy.start()
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    resolve({ type: 'succeeded', output: { by: 'first' } })
    broken.fails = false
    await ill.stop(0)
    const job = await mill.job(id)
    expect(job).toMatchObject({ state: 'SUCCEEDED', fence: 2, losses: 1, nodeId: healthy.nodeId })
    expect(await mill.jobs.output(job)).toEqual({ by: 'second' })
    expect(await mill.story(id)).toEqual(['QUEUED', 'RUNNING', 'QUEUED', 'RUNNING', 'SUCCEEDED.'])
  })

  it('leave alone what runs on a node whose lease is good', async () => {
    await using mill = await openTestMill()
    const first = fakePool({ double: never }, 1)
    const one = await mill.addNode(first)
    await one.start()
    const { id } = await submit(mill)
    await eventually(() => first.requests.length === 1)
    const second = fakePool({})
    const two = await mill.addNode(second, { sweepMs: 10 })
    await two.start()
    const other = await submit(mill, {}, { waitMs: 5000 })
    expect(other.state).toBe('SUCCEEDED')
    expect(await mill.job(id)).toMatchObject({ state: 'RUNNING', nodeId: one.nodeId, fence: 1 })
  })
})

describe('a lease that cannot be renewed', () => {
  it('stops what runs before it ends, and what was running runs again once the store is back', async () => {
    await using mill = await openTestMill()
    const broken = await mill.openStore()
    const stoppedAt: number[] = []
    const script: Script = ({ job }, _listener, signal) =>
      job.attempt > 1
        ? done
        : new Promise(() => {
            signal.addEventListener('abort', () => stoppedAt.push(performance.now()))
          })
    const pool = fakePool({ double: script })
    const node = await mill.addNode(pool, { times: { leaseMs: 800, renewMs: 100 }, store: broken, pollMs: 50 })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    const failingSince = performance.now()
    broken.fails = true
    await eventually(() => stoppedAt.length === 1)
    expect((stoppedAt[0] ?? 0) - failingSince).toBeLessThan(800)
    broken.fails = false
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    // Nobody else had it: it is to blame for nothing.
    expect(await mill.job(id)).toMatchObject({ losses: 0, attempts: 0, fence: 2 })
    expect(await mill.attempts(id)).toMatchObject([{ outcome: 'HANDED_BACK' }, { outcome: 'SUCCEEDED' }])
    const messages = mill.logger.lines.map(({ message }) => message)
    expect(messages).toContain('The lease of this node could not be renewed in time: its jobs are stopped.')
    expect(messages).toContain('The lease of this node is held again.')
  })

  it('because the store does not answer hands back what runs', async () => {
    await using mill = await openTestMill()
    const { store: real } = mill
    let answers = Promise.resolve()
    const store: Store = {
      ...real,
      async write(work) {
        await answers
        return real.write(work)
      },
    }
    const pool = fakePool({ double: ({ job }) => (job.attempt > 1 ? done : new Promise(() => undefined)) })
    const node = await mill.addNode(pool, { times: { leaseMs: 1800, renewMs: 100 }, store, pollMs: 50 })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    const hanging = Promise.withResolvers<void>()
    answers = hanging.promise
    await eventually(() => lossesOf(mill).includes('notRenewed'))
    hanging.resolve()
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.job(id)).toMatchObject({ losses: 0, fence: 2 })
  })

  it('because a job makes its process stand still counts as a loss, of which the third is the last', async () => {
    await using mill = await openTestMill()
    const blocking: Script = () => {
      setTimeout(() => block(700), 20)
      return new Promise(() => undefined)
    }
    const pool = fakePool({ double: blocking })
    const node = await mill.addNode(pool, { times: { leaseMs: 600, renewMs: 100 }, pollMs: 50 })
    await node.start()
    const { id } = await submit(mill)
    await eventually(async () => ['FAILED', 'CRASHED'].includes((await mill.job(id)).state), 20_000)
    expect(await mill.job(id)).toMatchObject({ losses: 3, fence: 3 })
    expect(lossesOf(mill)).toEqual(['stoodStill', 'stoodStill', 'stoodStill'])
  }, 30_000)

  it('is not what makes a loss of a job whose end could not be written', async () => {
    await using mill = await openTestMill()
    let fails = false
    const store: Store = {
      ...mill.store,
      // What is tried again and again, this is not.
      write: (work) => (fails ? Promise.reject(new TypeError('A bug.')) : mill.store.write(work)),
    }
    const script: Script = ({ job }) => {
      fails = job.attempt === 1
      return done
    }
    const times = { leaseMs: 60_000, renewMs: 50 }
    const node = await mill.addNode(fakePool({ double: script }), { store, times, pollMs: 50 })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() =>
      mill.logger.lines.some(({ message }) => message === 'The end of a job could not be written.'),
    )
    fails = false
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.job(id)).toMatchObject({ losses: 1, fence: 2 })
  })

  it('and then is, but late, is renewed again at once, before it is lost for a second time', async () => {
    await using mill = await openTestMill()
    await mill.store.write(({ nodes }) => nodes.renew('node_1', 2000))
    const { logger } = mill
    let renewals = 0
    const store: Store = {
      ...mill.store,
      async write(work) {
        renewals += 1
        if (renewals === 1) await sleep(900)
        return mill.store.write(work)
      },
    }
    const times = { leaseMs: 2000, renewMs: 800 }
    let losses = 0
    const parts = { store, nodeId: 'node_1', logger, times, tasksNow: () => new Map<string, string>() }
    await using lease = keepNodeLease({ ...parts, renewed: async () => undefined, lost: () => (losses += 1) })
    await eventually(() => losses > 0)
    await eventually(() => renewals > 1)
    await eventually(() => lease.held)
    expect(losses).toBe(1)
  })

  it('does not hurt when it was only for a moment: the finish is written later', async () => {
    await using mill = await openTestMill()
    const broken = await mill.openStore()
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => promise })
    const node = await mill.addNode(pool, { store: broken })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    broken.fails = true
    resolve(done)
    await eventually(() => broken.failures >= 2)
    broken.fails = false
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.job(id)).toMatchObject({ losses: 0, fence: 1 })
  })
})
