import { describe, expect, it } from 'vitest'
import { createTaskCatalogue } from '../../../src/services/jobs/task-catalogue.ts'
import { eventually } from '../../support/eventually.ts'
import { describeTask, done, fakePool, type Script } from '../../support/fake-pool.ts'
import { isIn, submit } from './mill-steps.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { uploadFile } from '../../support/upload-file.ts'

describe('a runner', () => {
  it('runs a job to its end and tells of every step', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({
      double: async (request, listener) => {
        listener.progress({ fraction: 0.5, message: 'half' })
        await listener.partial({ row: 1 })
        listener.log('info', 'nearly there')
        await listener.partial({ row: 2 })
        return { type: 'succeeded', output: { answer: request.input }, cpuMs: 12 }
      },
    })
    const node = await mill.addNode(pool)
    await node.start()
    const { id } = await submit(mill, { n: 21 })
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.story(id)).toEqual([
      'QUEUED',
      'RUNNING',
      '50 %',
      'partial {"row":1}',
      'info: nearly there',
      'partial {"row":2}',
      'SUCCEEDED.',
    ])
    const job = await mill.job(id)
    expect(job).toMatchObject({
      fence: 1,
      nodeId: node.nodeId,
      progress: { fraction: 0.5, message: 'half' },
      error: null,
    })
    expect(await mill.jobs.output(job)).toEqual({ answer: { n: 21 } })
    expect(await mill.attempts(id)).toEqual([
      {
        jobId: id,
        fence: 1,
        nodeId: node.nodeId,
        startedAt: job.startedAt,
        finishedAt: job.finishedAt,
        outcome: 'SUCCEEDED',
        error: null,
        cpuMs: 12,
      },
    ])
    expect(pool.requests).toEqual([
      { task: 'double', job: { id, attempt: 1, idempotencyKey: id }, input: { n: 21 }, artifacts: [] },
    ])
  })

  it('keeps its threads busy, and never gives the pool more than it has threads for', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({ double: () => new Promise((resolve) => setImmediate(resolve, done)) }, 3)
    const node = await mill.addNode(pool)
    await node.start()
    const jobs = await Promise.all(Array.from({ length: 50 }, () => submit(mill)))
    await eventually(async () => {
      for (const { id } of jobs) if ((await mill.job(id)).state !== 'SUCCEEDED') return false
      return true
    })
    expect(pool.busiest).toBe(3)
    expect(pool.requests).toHaveLength(50)
  })

  it('runs higher priorities first, and of one priority the oldest', async () => {
    await using mill = await openTestMill()
    const priorities = [0, 5, -3, 5, 0, 100]
    const ids: string[] = []
    for (const priority of priorities) ids.push((await submit(mill, {}, { priority })).id)
    const pool = fakePool({}, 1)
    const node = await mill.addNode(pool)
    await node.start()
    await eventually(() => pool.requests.length === 6)
    expect(pool.requests.map(({ job }) => ids.indexOf(job.id))).toEqual([5, 1, 3, 0, 4, 2])
  })

  it('finds a job although every announcement of it was lost', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({})
    const node = await mill.addNode(pool, { pollMs: 20 })
    await node.start()
    const other = await mill.openStore()
    const job = await submit(mill)
    // A job of another process, whose bus does not reach this one.
    const row = { ...job, id: `${job.id.slice(0, -1)}0`, state: 'QUEUED', input: {}, artifactIds: [] } as const
    await other.write(({ ledger }) => ledger.insert(row))
    await eventually(() => pool.requests.length === 2)
  })

  it('gives the task its files with the place where they lie', async () => {
    const inputSchema = { type: 'object', properties: { file: { type: 'string', artifact: true } } }
    await using mill = await openTestMill({ tasks: [describeTask('double', { inputSchema })] })
    const owner = somebody()
    const artifact = await uploadFile(mill.artifacts, owner, 'a,b\n1,2\n')
    const pool = fakePool({})
    const node = await mill.addNode(pool)
    await node.start()
    await mill.jobs.submit(owner, 'double', { file: artifact.id })
    await eventually(() => pool.requests.length === 1)
    expect(pool.requests[0]?.artifacts).toEqual([
      {
        id: artifact.id,
        fileName: 'a.csv',
        mediaType: 'text/csv',
        size: 8,
        path: await mill.blobs.localPath(artifact.hash),
      },
    ])
  })
})

describe('an attempt that fails', () => {
  it.each([
    ['TASK_ERROR', 1],
    ['TIMEOUT', 1],
    ['INVALID_OUTPUT', 0],
    ['OUT_OF_MEMORY', 0],
  ] as const)('with %s ends the job FAILED', async (code, attempts) => {
    await using mill = await openTestMill()
    const error = { code, message: 'It went wrong.' }
    const node = await mill.addNode(fakePool({ double: () => ({ type: 'failed', error }) }))
    await node.start()
    const job = await submit(mill, {}, { waitMs: 5000 })
    expect(job).toMatchObject({ state: 'FAILED', error, attempts, losses: 0 })
    expect(await mill.jobs.output(job)).toBeNull()
    expect(await mill.attempts(job.id)).toMatchObject([{ outcome: 'FAILED', error }])
  })

  it('because its output is too large, is told so', async () => {
    await using mill = await openTestMill()
    // Of two bytes each, with two quotes around them.
    const outputs = ['ü'.repeat(2 ** 19 - 1), 'ü'.repeat(2 ** 19)]
    const node = await mill.addNode(
      fakePool({ double: ({ input }) => ({ type: 'succeeded', output: outputs[(input as { n: number }).n] }) }),
    )
    await node.start()
    const told: unknown[] = []
    for (const n of outputs.keys()) told.push((await submit(mill, { n }, { waitMs: 5000 })).error)
    const message = 'The output has 1048578 bytes of JSON, more than the 1048576 that are allowed.'
    expect(told).toEqual([null, { code: 'INVALID_OUTPUT', message }])
  })

  it('because its partial results are too large or no JSON, is told so', async () => {
    await using mill = await openTestMill()
    const script: Script = async ({ input }, listener) => {
      const [big, tooBig] = [2 ** 20 - 100, 2 ** 20].map((length) => ({ text: 'x'.repeat(length) }))
      const bad = [[{ never: 1n }], [tooBig], Array.from({ length: 9 }, () => big)]
      const said = [{ fine: true }, ...(bad[(input as { n: number }).n] ?? [])]
      try {
        for (const data of said) await listener.partial(data)
      } catch (error) {
        return { type: 'failed', error: { code: 'TASK_ERROR', message: String(error) } }
      }
      return done
    }
    const node = await mill.addNode(fakePool({ double: script }))
    await node.start()
    const { id, error } = await submit(mill, { n: 0 }, { waitMs: 5000 })
    expect(error).toEqual({ code: 'INVALID_OUTPUT', message: 'A partial result is not JSON.' })
    expect(await mill.story(id)).toEqual(['QUEUED', 'RUNNING', 'partial {"fine":true}', 'FAILED.'])
    for (const [n, message] of [
      [1, 'A partial result has more than 1048576 bytes of JSON.'],
      [2, 'The partial results have more than 8388608 bytes of JSON in all.'],
    ] as const) {
      expect((await submit(mill, { n }, { waitMs: 5000 })).error).toEqual({ code: 'INVALID_OUTPUT', message })
    }
  })

  it('because the task is not there any more, says so', async () => {
    await using mill = await openTestMill()
    const node = await mill.addNode(fakePool({}), { exclusive: true, tasks: createTaskCatalogue([]) })
    await node.start()
    expect(await submit(mill, {}, { waitMs: 5000 })).toMatchObject({
      state: 'FAILED',
      error: { code: 'UNKNOWN_TASK', message: 'No task named double is loaded any more.' },
    })
  })
})

describe('what a running task says', () => {
  it('is cut to a thousand lines of log, each of 4,000 characters', async () => {
    await using mill = await openTestMill()
    const script: Script = (_request, listener) => {
      for (let n = 0; n < 1005; n += 1) listener.log('debug', n === 0 ? 'x'.repeat(5000) : `line ${n}`)
      return done
    }
    const node = await mill.addNode(fakePool({ double: script }))
    await node.start()
    const { id } = await submit(mill, {}, { waitMs: 5000 })
    const story = await mill.story(id)
    expect(story).toHaveLength(1003)
    expect(story[2]).toBe(`debug: ${'x'.repeat(4000)}`)
    expect(story.slice(-2)).toEqual(['debug: line 999', 'SUCCEEDED.'])
  })

  it('of its progress in one go is written as the newest report', async () => {
    await using mill = await openTestMill()
    const script: Script = (_request, listener) => {
      for (const percent of [10, 20, 30]) listener.progress({ fraction: percent / 100, message: null })
      return done
    }
    const node = await mill.addNode(fakePool({ double: script }))
    await node.start()
    const { id } = await submit(mill, {}, { waitMs: 5000 })
    expect(await mill.story(id)).toEqual(['QUEUED', 'RUNNING', '30 %', 'SUCCEEDED.'])
  })
})

describe('a job whose task has changed since it was entered', () => {
  it('is run by the new version where its input fits', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({})
    const node = await mill.addNode(pool, { tasks: createTaskCatalogue([describeTask('double', { version: '2' })]) })
    await node.start()
    const job = await submit(mill, {}, { waitMs: 5000 })
    expect(job).toMatchObject({ state: 'SUCCEEDED', taskVersion: '2' })
    expect(await mill.story(job.id)).toEqual([
      'QUEUED',
      'RUNNING',
      'warn: Entered for version 1 of the task, run by version 2.',
      'SUCCEEDED.',
    ])
  })

  it('fails with what does not fit', async () => {
    await using mill = await openTestMill()
    const inputSchema = { type: 'object', properties: { m: { type: 'number' } }, required: ['m'] }
    const pool = fakePool({})
    const node = await mill.addNode(pool, {
      tasks: createTaskCatalogue([describeTask('double', { version: '2', inputSchema })]),
    })
    await node.start()
    expect(await submit(mill, {}, { waitMs: 5000 })).toMatchObject({
      state: 'FAILED',
      error: {
        code: 'TASK_ERROR',
        message:
          'The task is now version 2, which the input does not fit. The input is not valid. m: Invalid input: expected number, received undefined.',
      },
    })
    expect(pool.requests).toEqual([])
  })
})
