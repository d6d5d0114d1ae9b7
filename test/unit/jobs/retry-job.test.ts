import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { describeTask, fakePool } from '../../support/fake-pool.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { uploadFile } from '../../support/upload-file.ts'
import { isIn, never } from './mill-steps.ts'

describe('doing a job again', () => {
  it('asks for somebody with the scope jobs:write, whose job it is', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const { id } = await mill.jobs.submit(owner, 'double', {})
    await mill.jobs.cancel(owner, id)
    await expect(mill.jobs.retry(anonymous, id)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    const reader = { ...owner, scopes: ['jobs:read' as const] }
    await expect(mill.jobs.retry(reader, id)).rejects.toMatchObject({ code: 'INSUFFICIENT_SCOPE' })
    // Also for an administrator, who may see the job but not read the owner's files.
    for (const other of [somebody(), somebody({ roles: ['user', 'admin'] })]) {
      await expect(mill.jobs.retry(other, id)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'There is no such job.',
      })
    }
    for (const unknown of [newId('job'), 'job', '']) {
      await expect(mill.jobs.retry(owner, unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
  })

  it('is refused before it has ended', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const pool = fakePool({ double: never }, 1)
    const node = await mill.addNode(pool)
    await node.start()
    const running = await mill.jobs.submit(owner, 'double', {})
    await eventually(isIn(mill, running.id, 'RUNNING'))
    const queued = await mill.jobs.submit(owner, 'double', {})
    const scheduled = await mill.jobs.submit(owner, 'double', {}, { delayMs: 100_000 })
    for (const { id } of [running, queued, scheduled]) {
      await expect(mill.jobs.retry(owner, id)).rejects.toMatchObject({
        code: 'JOB_NOT_FINISHED',
        message: 'The job has not ended yet: it can be done again only after that.',
      })
    }
    // Marked to be cancelled is not ended.
    await mill.store.write(({ ledger }) => ledger.update(running.id, { states: ['RUNNING'] }, { cancelRequestedAt: 1 }))
    await expect(mill.jobs.retry(owner, running.id)).rejects.toMatchObject({ code: 'JOB_NOT_FINISHED' })
  })

  it('enters a new job with its input, its priority and its tags', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const owner = somebody()
    const asked = { priority: 7, tags: ['a', 'b'], idempotencyKey: 'once', expiresAt: clock.now() + 10 }
    const first = await mill.jobs.submit(owner, 'double', { n: 21 }, asked)
    await mill.jobs.cancel(owner, first.id)
    clock.advance(1000)
    const second = await mill.jobs.retry(owner, first.id)
    expect(second).toMatchObject({
      state: 'QUEUED',
      retryOf: first.id,
      task: 'double',
      inputHash: first.inputHash,
      priority: 7,
      tags: ['a', 'b'],
      idempotencyKey: null,
      expiresAt: null,
      createdAt: clock.now(),
    })
    expect(await mill.store.read(({ ledger }) => ledger.input(second.id))).toEqual({ n: 21 })
    expect(await mill.job(first.id)).toMatchObject({ state: 'CANCELLED', retryOf: null })
    expect(await mill.story(second.id)).toEqual(['QUEUED'])
  })

  it('takes options of its own, and refuses those that cannot be', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const first = await mill.jobs.submit(owner, 'double', {}, { priority: 7, tags: ['a'] })
    await mill.jobs.cancel(owner, first.id)
    const given = { priority: 0, tags: [], delayMs: 1000 }
    expect(await mill.jobs.retry(owner, first.id, given)).toMatchObject({ state: 'SCHEDULED', priority: 0, tags: [] })
    await expect(mill.jobs.retry(owner, first.id, { priority: 101 })).rejects.toMatchObject({
      issues: [{ path: ['options', 'priority'] }],
    })
  })

  it('checks the input against the task as it is today', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const first = await mill.jobs.submit(owner, 'double', { n: 1 })
    await mill.jobs.cancel(owner, first.id)
    const inputSchema = { type: 'object', properties: { n: { type: 'string' } } } as const
    const today = mill.jobsWith([describeTask('double', { version: '2', inputSchema })])
    await expect(today.retry(owner, first.id)).rejects.toMatchObject({ issues: [{ path: ['n'] }] })
    await expect(mill.jobsWith([]).retry(owner, first.id)).rejects.toMatchObject({ code: 'UNKNOWN_TASK' })
    const newer = mill.jobsWith([describeTask('double', { version: '2' })])
    expect(await newer.retry(owner, first.id)).toMatchObject({ taskVersion: '2' })
  })

  it('needs the files of the input, and room among the unfinished jobs', async () => {
    const inputSchema = { type: 'object', properties: { file: { type: 'string', artifact: true } } } as const
    const clock = fakeClock()
    await using mill = await openTestMill({
      clock,
      tasks: [describeTask('double', { inputSchema })],
      maxUnfinished: 1,
    })
    const owner = somebody()
    const { id: file } = await uploadFile(mill.artifacts, owner, 'a,b')
    const first = await mill.jobs.submit(owner, 'double', { file })
    await mill.jobs.cancel(owner, first.id)
    const second = await mill.jobs.retry(owner, first.id)
    await expect(mill.jobs.retry(owner, first.id)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
    await mill.jobs.cancel(owner, second.id)
    expect(await mill.store.read(({ ledger }) => ledger.artifacts(second.id))).toMatchObject([{ id: file }])
  })

  it('does not take the result that is remembered, but makes one', async () => {
    await using mill = await openTestMill({ tasks: [describeTask('double', { memoizeForMs: 100_000 })] })
    const owner = somebody()
    const pool = fakePool({})
    const node = await mill.addNode(pool)
    await node.start()
    const first = await mill.jobs.submit(owner, 'double', {}, { waitMs: 5000 })
    const second = await mill.jobs.retry(owner, first.id, { waitMs: 5000, memo: 'USE' })
    expect(second).toMatchObject({ state: 'SUCCEEDED', memoizedFrom: null, retryOf: first.id })
    expect((await mill.jobs.submit(owner, 'double', {})).memoizedFrom).toBe(second.id)
    const third = await mill.jobs.retry(owner, first.id, { waitMs: 5000, memo: 'BYPASS' })
    expect(third.memoKey).toBeNull()
    expect((await mill.jobs.submit(owner, 'double', {})).memoizedFrom).toBe(second.id)
    expect(pool.requests).toHaveLength(3)
  })

  it('twice at once makes two jobs, and one with an idempotency key', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const first = await mill.jobs.submit(owner, 'double', {})
    await mill.jobs.cancel(owner, first.id)
    const twice = await Promise.all([mill.jobs.retry(owner, first.id), mill.jobs.retry(owner, first.id)])
    expect(new Set(twice.map(({ id }) => id)).size).toBe(2)
    const options = { idempotencyKey: 'again' }
    const once = await Promise.all(Array.from({ length: 10 }, () => mill.jobs.retry(owner, first.id, options)))
    expect(new Set(once.map(({ id }) => id)).size).toBe(1)
  })

  it('is refused with the idempotency key of that very job, which it would only answer', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const options = { idempotencyKey: 'once' }
    const first = await mill.jobs.submit(owner, 'double', {}, options)
    await mill.jobs.cancel(owner, first.id)
    await expect(mill.jobs.retry(owner, first.id, options)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [
        {
          path: ['options', 'idempotencyKey'],
          message: 'Names the job that is to be done again: give a new one, or none.',
        },
      ],
    })
    expect(await mill.jobs.submit(owner, 'double', {}, options)).toMatchObject({ id: first.id })
  })

  it('takes an input that has outgrown the limit by its defaults', async () => {
    const row = { type: 'object', properties: { note: { type: 'string', default: 'x'.repeat(200) } } } as const
    const inputSchema = { type: 'object', properties: { rows: { type: 'array', items: row } } } as const
    await using mill = await openTestMill({ tasks: [describeTask('double', { inputSchema })] })
    const owner = somebody()
    const first = await mill.jobs.submit(owner, 'double', { rows: Array.from({ length: 600 }, () => ({})) })
    await mill.jobs.cancel(owner, first.id)
    const second = await mill.jobs.retry(owner, first.id)
    expect(second).toMatchObject({ retryOf: first.id, inputHash: first.inputHash })
    const [was, is] = await mill.store.read(({ ledger }) =>
      Promise.all([ledger.input(first.id), ledger.input(second.id)]),
    )
    expect(JSON.stringify(is).length).toBeGreaterThan(100_000)
    expect(is).toEqual(was)
  })

  it('in the moment of its cancel is refused or follows upon it', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const pool = fakePool({ double: never }, 8)
    const node = await mill.addNode(pool)
    await node.start()
    const jobs = await Promise.all(Array.from({ length: 8 }, () => mill.jobs.submit(owner, 'double', {})))
    await eventually(() => pool.requests.length === 8)
    const races = jobs.map(async ({ id }) => {
      const cancelling = mill.jobs.cancel(owner, id)
      const outcome = await mill.jobs.retry(owner, id).then(
        ({ retryOf }) => retryOf,
        (error: { code: string }) => error.code,
      )
      expect(['JOB_NOT_FINISHED', id]).toContain(outcome)
      await cancelling
    })
    await Promise.all(races)
    for (const { id } of jobs) await eventually(isIn(mill, id, 'CANCELLED'))
  })
})
