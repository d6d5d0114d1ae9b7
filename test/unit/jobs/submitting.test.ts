import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { describeTask, done, fakePool } from '../../support/fake-pool.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'

const readFile = describeTask('readFile', {
  inputSchema: {
    type: 'object',
    properties: { files: { type: 'array', items: { type: 'string', artifact: true } } },
    required: ['files'],
  },
})

describe('submitting a job', () => {
  it('enters it with its defaults, tells its topic and announces it', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const owner = somebody()
    let announced = 0
    await mill.bus.subscribe('job-queue', () => (announced += 1))
    const job = await mill.jobs.submit(owner, 'double', {}, { priority: 7 })
    expect(job).toEqual({
      id: expect.stringMatching(/^job_/),
      ownerId: owner.userId,
      task: 'double',
      taskVersion: '1',
      state: 'QUEUED',
      fence: 0,
      priority: 7,
      attempts: 0,
      losses: 0,
      nodeId: null,
      createdAt: clock.now(),
      runAt: clock.now(),
      expiresAt: null,
      startedAt: null,
      finishedAt: null,
      cancelRequestedAt: null,
      progress: null,
      error: null,
      idempotencyKey: null,
      inputHash: expect.any(String),
      memoKey: null,
      memoizedFrom: null,
      retryOf: null,
      tags: [],
    })
    expect(await mill.store.read(({ ledger }) => ledger.input(job.id))).toEqual({ n: 0 })
    expect(await mill.story(job.id)).toEqual(['QUEUED'])
    expect(announced).toBe(1)
  })

  it('asks for somebody with the scope jobs:write', async () => {
    await using mill = await openTestMill()
    await expect(mill.jobs.submit(anonymous, 'double', {})).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'Sign in first.',
    })
    await expect(
      mill.jobs.submit({ kind: 'anonymous', refused: 'SESSION_REVOKED' }, 'double', {}),
    ).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
    await expect(mill.jobs.submit(somebody({ scopes: ['jobs:read'] }), 'double', {})).rejects.toMatchObject({
      code: 'INSUFFICIENT_SCOPE',
      message: 'The credential lacks the scope jobs:write.',
    })
  })

  it('refuses a task that is not loaded', async () => {
    await using mill = await openTestMill()
    await expect(mill.jobs.submit(somebody(), 'triple', {})).rejects.toMatchObject({
      code: 'UNKNOWN_TASK',
      message: 'No task named "triple" is loaded.',
    })
  })

  it('refuses an input that does not fit, with the path to what is wrong', async () => {
    await using mill = await openTestMill()
    await expect(mill.jobs.submit(somebody(), 'double', { n: 'two' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: ['n'], message: 'Invalid input: expected number, received string.' }],
    })
    await expect(mill.jobs.submit(somebody(), 'double', null)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(mill.jobs.submit(somebody(), 'double', [])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('refuses an input over 64 kB, and says what to do instead', async () => {
    await using mill = await openTestMill()
    await expect(mill.jobs.submit(somebody(), 'double', { text: 'x'.repeat(70_000) })).rejects.toMatchObject({
      issues: [
        {
          path: [],
          message:
            'The input has 70011 bytes of JSON; at most 65536 are allowed. Upload what is larger as a file and give its id.',
        },
      ],
    })
    await mill.jobs.submit(somebody(), 'double', { text: 'x'.repeat(65_000) })
  })

  it('refuses an input that nests as deep as only an attacker would', async () => {
    await using mill = await openTestMill()
    const deep = JSON.parse('['.repeat(5000) + ']'.repeat(5000))
    await expect(mill.jobs.submit(somebody(), 'double', { deep })).rejects.toMatchObject({
      issues: [{ message: 'Nests deeper than 64 levels.' }],
    })
  })

  it('lists everything wrong with its options at once', async () => {
    await using mill = await openTestMill()
    const options = { idempotencyKey: 'k'.repeat(201), priority: 101, waitMs: 1.5 }
    await expect(mill.jobs.submit(somebody(), 'double', {}, options)).rejects.toMatchObject({
      issues: [
        {
          path: ['options', 'idempotencyKey'],
          message: 'Must have 1 to 200 characters, none of them a control character.',
        },
        { path: ['options', 'priority'], message: 'Must be a whole number from -100 to 100.' },
        { path: ['options', 'waitMs'], message: 'Must be a whole number from 0 to 30000.' },
      ],
    })
    const nulls = { idempotencyKey: null, priority: null, waitMs: null }
    expect(await mill.jobs.submit(somebody(), 'double', {}, nulls)).toMatchObject({ priority: 0, idempotencyKey: null })
  })

  it('refuses more unfinished jobs than the owner may have, also when they come at once', async () => {
    await using mill = await openTestMill({ maxUnfinished: 3 })
    const owner = somebody()
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => mill.jobs.submit(owner, 'double', {})))
    const accepted = results.filter((result) => result.status === 'fulfilled')
    expect(accepted).toHaveLength(3)
    expect(results.at(-1)).toMatchObject({
      reason: {
        code: 'QUOTA_EXCEEDED',
        quota: 'unfinishedJobs',
        limit: 3,
        message: 'You have 3 unfinished jobs, as many as are allowed. Wait until one has ended, or cancel one.',
      },
    })
    await mill.jobs.submit(somebody(), 'double', {})
    const [first] = accepted
    if (first?.status === 'fulfilled') await mill.jobs.cancel(owner, first.value.id)
    await mill.jobs.submit(owner, 'double', {})
  })

  it('keeps nothing of a refused job', async () => {
    await using mill = await openTestMill({ tasks: [readFile] })
    const owner = somebody()
    await expect(mill.jobs.submit(owner, 'readFile', { files: [newId('artifact')] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no such artifact.',
    })
    expect((await mill.jobs.list(owner, { first: 100, after: null })).edges).toEqual([])
  })

  it("takes the owner's own artifacts, and knows of nobody else's, not even for an administrator", async () => {
    await using mill = await openTestMill({ tasks: [readFile] })
    const owner = somebody()
    const artifact = {
      id: newId('artifact'),
      ownerId: owner.userId,
      hash: 'ab'.repeat(32),
      size: 3,
      fileName: 'a.csv',
      mediaType: 'text/csv',
      createdAt: 0,
    }
    await mill.store.write(({ artifacts }) => artifacts.insert(artifact))
    const job = await mill.jobs.submit(owner, 'readFile', { files: [artifact.id, artifact.id] })
    expect(await mill.store.read(({ ledger }) => ledger.artifacts(job.id))).toEqual([
      { id: artifact.id, fileName: 'a.csv', mediaType: 'text/csv', size: 3, hash: artifact.hash },
    ])
    for (const other of [somebody(), somebody({ roles: ['user', 'admin'] })]) {
      await expect(mill.jobs.submit(other, 'readFile', { files: [artifact.id] })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
    }
    await expect(mill.jobs.submit(owner, 'readFile', { files: ['../../etc/passwd'] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(
      mill.jobs.submit(owner, 'readFile', { files: Array.from({ length: 101 }, () => newId('artifact')) }),
    ).rejects.toMatchObject({ issues: [{ message: 'The input names 101 artifacts; at most 100 are allowed.' }] })
  })
})

describe('an idempotency key', () => {
  it('gives one job however often, and at once, it is submitted with the same input', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const submissions = Array.from({ length: 100 }, (_, index) => {
      const input = index % 2 === 0 ? { n: 1, extra: { a: 1, b: 2 } } : { extra: { b: 2, a: 1 }, n: 1 }
      return mill.jobs.submit(owner, 'double', input, { idempotencyKey: 'once' })
    })
    const jobs = await Promise.all(submissions)
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1)
    expect((await mill.jobs.list(owner, { first: 100, after: null })).edges).toHaveLength(1)
    expect(await mill.story(jobs[0]?.id ?? '')).toEqual(['QUEUED'])
  })

  it('gives the job that was entered in time, also when it is asked for again after its end', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const owner = somebody()
    const options = { idempotencyKey: 'once', expiresAt: clock.now() + 1000 }
    const { id } = await mill.jobs.submit(owner, 'double', { n: 1 }, options)
    clock.advance(5000)
    expect((await mill.jobs.submit(owner, 'double', { n: 1 }, options)).id).toBe(id)
    await expect(
      mill.jobs.submit(owner, 'double', { n: 1 }, { ...options, idempotencyKey: 'another' }),
    ).rejects.toMatchObject({
      issues: [
        {
          path: ['options', 'expiresAt'],
          message: 'Must be a time after now, and after the one at which the job is to run.',
        },
      ],
    })
  })

  it('with another input is a conflict that names the first job', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const [first, second] = await Promise.allSettled([
      mill.jobs.submit(owner, 'double', { n: 1 }, { idempotencyKey: 'once' }),
      mill.jobs.submit(owner, 'double', { n: 2 }, { idempotencyKey: 'once' }),
    ])
    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({
      reason: { code: 'IDEMPOTENCY_CONFLICT', jobId: first.status === 'fulfilled' ? first.value.id : null },
    })
  })

  it('is per owner and per task, and outlives the end of the job', async () => {
    await using mill = await openTestMill({ tasks: [describeTask('double'), describeTask('halve')], maxUnfinished: 2 })
    const [one, two] = [somebody(), somebody()]
    const options = { idempotencyKey: 'once' }
    const first = await mill.jobs.submit(one, 'double', {}, options)
    const others = [
      await mill.jobs.submit(two, 'double', {}, options),
      await mill.jobs.submit(one, 'halve', {}, options),
    ]
    expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(3)
    // Also when there is no room for another one.
    expect((await mill.jobs.submit(one, 'double', {}, options)).id).toBe(first.id)
    await mill.jobs.cancel(one, first.id)
    expect(await mill.jobs.submit(one, 'double', {}, options)).toMatchObject({ id: first.id, state: 'CANCELLED' })
  })
})

describe('waiting for the end of a job', () => {
  it('answers as soon as it has ended', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({ double: () => done })
    const node = await mill.addNode(pool)
    await node.start()
    const before = performance.now()
    const job = await mill.jobs.submit(somebody(), 'double', {}, { waitMs: 30_000 })
    expect(job.state).toBe('SUCCEEDED')
    expect(performance.now() - before).toBeLessThan(2000)
  })

  it('answers with the job as it is when the time is up', async () => {
    await using mill = await openTestMill()
    const job = await mill.jobs.submit(somebody(), 'double', {}, { waitMs: 50 })
    expect(job.state).toBe('QUEUED')
  })

  it('sees what happened meanwhile, although the job has not ended', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({ double: () => new Promise(() => undefined) })
    const node = await mill.addNode(pool)
    await node.start()
    const job = await mill.jobs.submit(somebody(), 'double', {}, { waitMs: 300 })
    expect(job.state).toBe('RUNNING')
  })

  it('does not wait for a job that has ended before', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const first = await mill.jobs.submit(owner, 'double', {}, { idempotencyKey: 'once' })
    await mill.jobs.cancel(owner, first.id)
    const again = await mill.jobs.submit(owner, 'double', {}, { idempotencyKey: 'once', waitMs: 30_000 })
    expect(again.state).toBe('CANCELLED')
  })
})
