import { describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { done, fakePool, type Script, type ScriptedOutcome } from '../../support/fake-pool.ts'
import { isIn, never, submit } from './mill-steps.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'

describe('a thread that is lost', () => {
  it('gives the job another run, without what the first one reported', async () => {
    await using mill = await openTestMill()
    let runs = 0
    const script: Script = (_request, listener) => {
      runs += 1
      if (runs === 2) return done
      listener.progress({ fraction: 0.9, message: null })
      return { type: 'lost', message: 'The thread ended with 7.' }
    }
    const pool = fakePool({ double: script })
    const node = await mill.addNode(pool)
    await node.start()
    const job = await submit(mill, {}, { waitMs: 5000 })
    expect(job).toMatchObject({ state: 'SUCCEEDED', fence: 2, losses: 1, attempts: 0, progress: null })
    expect(pool.requests.map(({ job: { attempt } }) => attempt)).toEqual([1, 2])
    expect(await mill.story(job.id)).toEqual(['QUEUED', 'RUNNING', '90 %', 'QUEUED', 'RUNNING', 'SUCCEEDED.'])
    expect(await mill.attempts(job.id)).toMatchObject([
      { fence: 1, outcome: 'LOST', error: { code: 'CRASHED', message: 'The thread ended with 7.' } },
      { fence: 2, outcome: 'SUCCEEDED', error: null },
    ])
  })

  it('three times makes the job a suspect: it is CRASHED', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({ double: () => ({ type: 'lost', message: 'The thread ended with 7.' }) })
    const node = await mill.addNode(pool)
    await node.start()
    expect(await submit(mill, {}, { waitMs: 5000 })).toMatchObject({
      state: 'FAILED',
      losses: 3,
      error: {
        code: 'CRASHED',
        message: 'The process or thread that ran it went away 3 times. The thread ended with 7.',
      },
    })
    expect(pool.requests).toHaveLength(3)
  })

  it('after a cancel was asked for ends the job CANCELLED', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => promise })
    const node = await mill.addNode(pool)
    await node.start()
    const { id } = await mill.jobs.submit(owner, 'double', {})
    await eventually(() => pool.requests.length === 1)
    await mill.store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'] }, { cancelRequestedAt: 1 }))
    resolve({ type: 'lost', message: 'The thread ended with 7.' })
    await eventually(isIn(mill, id, 'CANCELLED'))
    expect(await mill.attempts(id)).toMatchObject([{ outcome: 'CANCELLED', error: null }])
  })

  it('and a pool that throws are the same', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({
      double: () => {
        throw new Error('secret inner detail')
      },
    })
    const node = await mill.addNode(pool)
    await node.start()
    const job = await submit(mill, {}, { waitMs: 5000 })
    expect(job.error).toEqual({
      code: 'CRASHED',
      message: 'The process or thread that ran it went away 3 times. The server could not run it.',
    })
    expect(mill.logger.lines.filter(({ message }) => message === 'A job could not be run.')).toHaveLength(3)
  })
})

describe('a cancel', () => {
  it('that is committed before the finish wins', async () => {
    await using mill = await openTestMill()
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => promise })
    const node = await mill.addNode(pool)
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    // Without the push: the attempt does not know, and finishes.
    await mill.store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'] }, { cancelRequestedAt: 1 }))
    resolve(done)
    await eventually(isIn(mill, id, 'CANCELLED'))
    expect(await mill.jobs.output(await mill.job(id))).toBeNull()
    expect(await mill.store.read(({ ledger }) => ledger.output(id))).toBeNull()
  })

  it('that comes after the finish was committed changes nothing', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const node = await mill.addNode(fakePool({}))
    await node.start()
    const job = await mill.jobs.submit(owner, 'double', {}, { waitMs: 5000 })
    expect(job.state).toBe('SUCCEEDED')
    expect(await mill.jobs.cancel(owner, job.id)).toEqual(job)
  })

  it('reaches the thread when the push is lost, by the renewal of the lease', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({ double: never })
    const node = await mill.addNode(pool, { times: { leaseMs: 2000, renewMs: 50 } })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    await mill.store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'] }, { cancelRequestedAt: 1 }))
    await eventually(isIn(mill, id, 'CANCELLED'))
  })

  it('that is only said to have been asked for stops nothing', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const stopped: string[] = []
    const script: Script = ({ job }, _listener, signal) => {
      signal.addEventListener('abort', () => {
        stopped.push(job.id)
        resolve(done)
      })
      return promise
    }
    const pool = fakePool({ double: script }, 2)
    const node = await mill.addNode(pool, { times: { leaseMs: 60_000, renewMs: 30_000 } })
    await node.start()
    const [first, second] = [await mill.jobs.submit(owner, 'double', {}), await mill.jobs.submit(owner, 'double', {})]
    await eventually(() => pool.requests.length === 2)
    mill.bus.publish('job-cancels', { jobId: first.id })
    // The hint of this one comes after the other.
    await mill.jobs.cancel(owner, second.id)
    await eventually(isIn(mill, first.id, 'SUCCEEDED'))
    await eventually(isIn(mill, second.id, 'CANCELLED'))
    expect(stopped).toEqual([second.id])
    expect(await mill.job(first.id)).toMatchObject({ fence: 1, losses: 0 })
  })

  it('in the middle of many running jobs stops only its own', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const pool = fakePool({ double: never }, 4)
    const node = await mill.addNode(pool)
    await node.start()
    const jobs = await Promise.all(Array.from({ length: 4 }, () => mill.jobs.submit(owner, 'double', {})))
    await eventually(() => pool.requests.length === 4)
    const [first, ...others] = jobs.map(({ id }) => id)
    await mill.jobs.cancel(owner, first ?? '')
    await eventually(isIn(mill, first ?? '', 'CANCELLED'))
    for (const id of others) expect((await mill.job(id)).state).toBe('RUNNING')
  })
})

describe('an attempt that is no longer the job’s', () => {
  it('is stopped quietly at its next word, and leaves no trace', async () => {
    await using mill = await openTestMill()
    const spoken = Promise.withResolvers<void>()
    const stopped = Promise.withResolvers<unknown>()
    const script: Script = async ({ job }, listener, signal) => {
      if (job.attempt > 1) return done
      signal.addEventListener('abort', () => stopped.resolve('aborted'))
      await spoken.promise
      listener.progress({ fraction: 0.1, message: null })
      await listener.partial({ late: true })
      return { type: 'succeeded', output: { late: true } }
    }
    const pool = fakePool({ double: script }, 1)
    const node = await mill.addNode(pool, { times: { leaseMs: 60_000, renewMs: 30_000 } })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    // As another node would, had it found this one gone.
    const loss = { state: 'QUEUED', losses: 1, nodeId: null } as const
    await mill.store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'], fence: 1 }, loss))
    spoken.resolve()
    expect(await stopped.promise).toBe('aborted')
    mill.queue.announce()
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.jobs.output(await mill.job(id))).toEqual({ done: true })
    expect(await mill.story(id)).toEqual(['QUEUED', 'RUNNING', 'RUNNING', 'SUCCEEDED.'])
    expect(mill.logger.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})
