import { describe, expect, it } from 'vitest'
import type { JobErrorCode } from '../../../src/core/job.ts'
import { createTaskCatalogue } from '../../../src/services/jobs/task-catalogue.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { describeTask, done, fakePool, type Script, type ScriptedOutcome } from '../../support/fake-pool.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { isIn, submit } from './mill-steps.ts'

const threeTimes = describeTask('double', { retries: { attempts: 3, baseMs: 1000, capMs: 1500 } })
const quickly = describeTask('double', { retries: { attempts: 3, baseMs: 1, capMs: 1 } })

function failing(code: JobErrorCode): ScriptedOutcome {
  return { type: 'failed', error: { code, message: 'It went wrong.' } }
}

describe('an attempt that fails', () => {
  it.each(['TASK_ERROR', 'TIMEOUT'] as const)('with %s is made again as often as the task says', async (code) => {
    await using mill = await openTestMill({ tasks: [quickly] })
    const pool = fakePool({ double: () => failing(code) })
    const node = await mill.addNode(pool)
    await node.start()
    const job = await submit(mill, {}, { waitMs: 5000 })
    const error = { code, message: 'It went wrong.' }
    expect(job).toMatchObject({ state: 'FAILED', attempts: 3, losses: 0, fence: 3, error })
    expect(pool.requests.map(({ job: { attempt } }) => attempt)).toEqual([1, 2, 3])
    expect(await mill.attempts(job.id)).toMatchObject([
      { fence: 1, outcome: 'FAILED', error },
      { fence: 2, outcome: 'FAILED', error },
      { fence: 3, outcome: 'FAILED', error },
    ])
    const again = ['SCHEDULED', 'QUEUED', 'RUNNING']
    expect(await mill.story(job.id)).toEqual(['QUEUED', 'RUNNING', ...again, ...again, 'FAILED.'])
  })

  it.each(['INVALID_OUTPUT', 'OUT_OF_MEMORY', 'UNKNOWN_TASK'] as const)('with %s is not made again', async (code) => {
    await using mill = await openTestMill({ tasks: [quickly] })
    const pool = fakePool({ double: () => failing(code) })
    const node = await mill.addNode(pool)
    await node.start()
    expect(await submit(mill, {}, { waitMs: 5000 })).toMatchObject({ state: 'FAILED', attempts: 0, fence: 1 })
    expect(pool.requests).toHaveLength(1)
  })

  it('waits a random part of a pause that doubles up to its cap, and keeps the error meanwhile', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock, tasks: [threeTimes] })
    const script: Script = (_request, listener) => {
      listener.progress({ fraction: 0.5, message: null })
      return failing('TASK_ERROR')
    }
    const node = await mill.addNode(fakePool({ double: script }), { random: () => 0.5 })
    await node.start()
    const { id } = await submit(mill)
    const error = { code: 'TASK_ERROR', message: 'It went wrong.' }
    for (const [attempts, pauseMs] of [
      [1, 500],
      [2, 750],
    ] as const) {
      await eventually(isIn(mill, id, 'SCHEDULED'))
      const waiting = { state: 'SCHEDULED', attempts, error, runAt: clock.now() + pauseMs } as const
      expect(await mill.job(id)).toMatchObject({ ...waiting, nodeId: null, startedAt: null, progress: null })
      clock.advance(pauseMs - 1)
      expect(await mill.sweep()).toBe(0)
      clock.advance(1)
      expect(await mill.sweep()).toBeLessThanOrEqual(1)
      mill.queue.announce()
      await eventually(async () => (await mill.job(id)).attempts > attempts)
    }
    await eventually(isIn(mill, id, 'FAILED'))
  })

  it('and then succeeds leaves a job without an error', async () => {
    await using mill = await openTestMill({ tasks: [quickly] })
    const script: Script = ({ job }) => (job.attempt === 1 ? failing('TASK_ERROR') : { ...done, cpuMs: 7 })
    const node = await mill.addNode(fakePool({ double: script }))
    await node.start()
    const job = await submit(mill, {}, { waitMs: 5000 })
    expect(job).toMatchObject({ state: 'SUCCEEDED', attempts: 1, error: null, fence: 2 })
    expect(await mill.attempts(job.id)).toMatchObject([
      { outcome: 'FAILED', error: { code: 'TASK_ERROR' }, cpuMs: 0 },
      { outcome: 'SUCCEEDED', error: null, cpuMs: 7 },
    ])
  })

  it('counts apart from what is lost', async () => {
    await using mill = await openTestMill({ tasks: [quickly] })
    const ends: ScriptedOutcome[] = [
      failing('TASK_ERROR'),
      { type: 'lost', message: 'Gone.', cpuMs: null },
      failing('TIMEOUT'),
      { type: 'lost', message: 'Gone.', cpuMs: null },
      done,
    ]
    const pool = fakePool({ double: () => ends[pool.requests.length - 1] ?? done })
    const node = await mill.addNode(pool)
    await node.start()
    const job = await submit(mill, {}, { waitMs: 5000 })
    expect(job).toMatchObject({ state: 'SUCCEEDED', attempts: 2, losses: 2, fence: 5 })
    expect(pool.requests.map((request) => request.job.attempt)).toEqual([1, 2, 3, 4, 5])
    expect((await mill.attempts(job.id)).map(({ cpuMs }) => cpuMs)).toEqual([0, null, 0, null, 0])
  })

  it('because the input does not fit the version of the task that is there now, is not made again', async () => {
    await using mill = await openTestMill({ tasks: [quickly] })
    const inputSchema = { type: 'object', properties: { m: { type: 'number' } }, required: ['m'] }
    const { id } = await submit(mill)
    const tasks = createTaskCatalogue([{ ...quickly, version: '2', inputSchema }])
    const node = await mill.addNode(fakePool({}), { tasks })
    await node.start()
    await eventually(isIn(mill, id, 'FAILED'))
    expect(await mill.job(id)).toMatchObject({ attempts: 1, fence: 1 })
  })
})

describe('a cancel', () => {
  it('that was asked for while the attempt ran wins over another attempt', async () => {
    await using mill = await openTestMill({ tasks: [quickly] })
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => promise })
    const node = await mill.addNode(pool)
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    // Without the push: the attempt does not know, and fails.
    await mill.store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'] }, { cancelRequestedAt: 1 }))
    resolve(failing('TASK_ERROR'))
    await eventually(isIn(mill, id, 'CANCELLED'))
    expect(await mill.job(id)).toMatchObject({ attempts: 0 })
    expect(await mill.attempts(id)).toMatchObject([{ outcome: 'CANCELLED', error: null }])
  })

  it('of a job that waits for another attempt ends it at once', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock, tasks: [threeTimes] })
    const owner = somebody()
    const pool = fakePool({ double: () => failing('TASK_ERROR') })
    const node = await mill.addNode(pool, { random: () => 1 })
    await node.start()
    const { id } = await mill.jobs.submit(owner, 'double', {})
    await eventually(isIn(mill, id, 'SCHEDULED'))
    expect((await mill.jobs.cancel(owner, id)).state).toBe('CANCELLED')
    clock.advance(10_000)
    expect(await mill.sweep()).toBe(0)
    expect(await mill.story(id)).toEqual(['QUEUED', 'RUNNING', 'SCHEDULED', 'CANCELLED.'])
  })

  it('in the moment of each failure ends the job CANCELLED, whichever comes first', async () => {
    await using mill = await openTestMill({ tasks: [quickly] })
    const owner = somebody()
    const ends = new Map<string, (outcome: ScriptedOutcome) => void>()
    const script: Script = ({ job }) => new Promise((resolve) => ends.set(job.id, resolve))
    const node = await mill.addNode(fakePool({ double: script }, 8))
    await node.start()
    const jobs = await Promise.all(Array.from({ length: 8 }, () => mill.jobs.submit(owner, 'double', {})))
    await eventually(() => ends.size === 8)
    const cancels = jobs.map(async ({ id }, index) => {
      const cancel = async () => mill.jobs.cancel(owner, id)
      const fail = () => ends.get(id)?.(failing('TASK_ERROR'))
      if (index % 2 === 0) fail()
      const cancelling = cancel()
      fail()
      return cancelling
    })
    await Promise.all(cancels)
    for (const { id } of jobs) {
      await eventually(isIn(mill, id, 'CANCELLED'))
      expect((await mill.story(id)).filter((line) => line.endsWith('.'))).toEqual(['CANCELLED.'])
    }
  })
})
