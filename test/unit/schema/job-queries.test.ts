import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { NotFoundError } from '../../../src/core/errors.ts'
import type { RequestContext } from '../../../src/resolvers/context.ts'
import { createSchema } from '../../../src/schema/index.ts'
import type { Jobs } from '../../../src/services/jobs/jobs.ts'
import { describeTask } from './describe-task.ts'
import { fakeContext, fakeJob, principal } from './fake-context.ts'
import { runOperation } from './run-operation.ts'

const task = describeTask({
  input: z.object({ text: z.string(), order: z.enum(['asc', 'desc']).default('asc'), limit: z.int32().optional() }),
  output: z.object({ count: z.int32(), order: z.enum(['asc', 'desc']), constructor: z.string().optional() }),
})
const { schema } = createSchema([task])

const run = (source: string, context: RequestContext, variables: Record<string, unknown> = {}) =>
  runOperation(schema, source, context, variables)

const file = {
  id: 'art_1',
  ownerId: 'usr_1',
  hash: 'ab',
  size: 3,
  fileName: 'a.png',
  mediaType: 'image/png',
  createdAt: 0,
}

describe('jobs', () => {
  it('are found by their id', async () => {
    const job = fakeJob({
      state: 'FAILED',
      attempts: 3,
      losses: 1,
      startedAt: 0,
      finishedAt: 1500,
      cancelRequestedAt: 1000,
      progress: { fraction: 0.5, message: 'half' },
      error: { code: 'TASK_ERROR', message: 'Boom.' },
    })
    const context = fakeContext({ jobs: { find: (_principal, id) => Promise.resolve(id === 'job_1' ? job : null) } })
    const fields = `id task taskVersion state priority attempts losses createdAt startedAt finishedAt cancelRequestedAt
      progress { fraction message } error { code message }`
    expect(await run(`{ job(id: "job_1") { ${fields} } none: job(id: "job_2") { id } }`, context)).toEqual({
      data: {
        job: {
          id: 'job_1',
          task: 'countWords',
          taskVersion: '1',
          state: 'FAILED',
          priority: 0,
          attempts: 3,
          losses: 1,
          createdAt: '2026-11-22T17:30:00.005Z',
          startedAt: '1970-01-01T00:00:00.000Z',
          finishedAt: '1970-01-01T00:00:01.500Z',
          cancelRequestedAt: '1970-01-01T00:00:01.000Z',
          progress: { fraction: 0.5, message: 'half' },
          error: { code: 'TASK_ERROR', message: 'Boom.' },
        },
        none: null,
      },
    })
  })

  it('have their result typed and as JSON', async () => {
    const output = { count: 2, order: 'desc', extra: [1] }
    const context = fakeContext({
      jobs: { find: () => Promise.resolve(fakeJob({ state: 'SUCCEEDED' })), output: () => Promise.resolve(output) },
    })
    const source = '{ job(id: "job_1") { output ... on CountWordsJob { result { count order constructor } } } }'
    expect(await run(source, context)).toEqual({
      data: { job: { output, result: { count: 2, order: 'desc', constructor: null } } },
    })
  })

  it('do not load their result unless it is asked for', async () => {
    const context = fakeContext({ jobs: { find: () => Promise.resolve(fakeJob({ state: 'SUCCEEDED' })) } })
    expect(await run('{ job(id: "job_1") { id } }', context)).toEqual({ data: { job: { id: 'job_1' } } })
  })

  it('of a task that is no longer loaded are told all the same', async () => {
    const context = fakeContext({
      jobs: {
        find: () => Promise.resolve(fakeJob({ task: 'gone', state: 'SUCCEEDED' })),
        output: () => Promise.resolve({ was: 1 }),
      },
    })
    expect(await run('{ job(id: "job_1") { __typename task output } }', context)).toEqual({
      data: { job: { __typename: 'UntypedJob', task: 'gone', output: { was: 1 } } },
    })
  })

  it('are listed, twenty unless said otherwise', async () => {
    const calls: unknown[] = []
    const context = fakeContext({
      jobs: {
        list: (...args) => {
          calls.push(args)
          return Promise.resolve({
            edges: [
              { cursor: 'c2', node: fakeJob({ id: 'job_2' }) },
              { cursor: 'c1', node: fakeJob() },
            ],
            pageInfo: { hasNextPage: true, endCursor: 'c1' },
          })
        },
      },
    })
    const page = '{ edges { cursor node { id } } nodes { id } pageInfo { hasNextPage endCursor } }'
    const source = `{ a: jobs ${page} b: jobs(first: 5, after: "c3") ${page} c: jobs(first: null, after: null) ${page} }`
    const shown = {
      edges: [
        { cursor: 'c2', node: { id: 'job_2' } },
        { cursor: 'c1', node: { id: 'job_1' } },
      ],
      nodes: [{ id: 'job_2' }, { id: 'job_1' }],
      pageInfo: { hasNextPage: true, endCursor: 'c1' },
    }
    expect(await run(source, context)).toEqual({ data: { a: shown, b: shown, c: shown } })
    expect(calls).toEqual([
      [principal, { first: 20, after: null }, {}],
      [principal, { first: 5, after: 'c3' }, {}],
      [principal, { first: 20, after: null }, {}],
    ])
  })

  it('are listed as far as a filter lets them through', async () => {
    const filters: unknown[] = []
    const list: Jobs['list'] = (_principal, _page, filter) => {
      filters.push(filter)
      return Promise.resolve({ edges: [], pageInfo: { hasNextPage: false, endCursor: null } })
    }
    const source = `{
      a: jobs(filter: { states: [QUEUED, FAILED], task: "countWords", tag: "x" }) { nodes { id } }
      b: jobs(filter: {}) { nodes { id } }
      c: jobs(filter: { states: null, task: null, tag: null }) { nodes { id } }
      d: jobs(filter: { states: [], task: "", tag: "" }) { nodes { id } }
      e: jobs(filter: null) { nodes { id } }
    }`
    await run(source, fakeContext({ jobs: { list } }))
    expect(filters).toEqual([
      { states: ['QUEUED', 'FAILED'], task: 'countWords', tag: 'x' },
      {},
      {},
      { states: [], task: '', tag: '' },
      {},
    ])
  })

  it('are not listed by a state that there is not', async () => {
    const { errors } = await run(
      'query ($s: [JobState!]) { jobs(filter: { states: $s }) { nodes { id } } }',
      fakeContext({}),
      {
        s: ['DONE'],
      },
    )
    expect(errors?.[0]?.message).toContain('Value "DONE" does not exist in "JobState" enum.')
  })

  it('tell when they may run, what marks them and where they come from', async () => {
    const job = fakeJob({ expiresAt: 1000, tags: ['b', 'a'], retryOf: 'job_7', memoizedFrom: 'job_8' })
    const context = fakeContext({ jobs: { find: () => Promise.resolve(job) } })
    expect(await run('{ job(id: "job_1") { runAt expiresAt tags retryOf memoizedFrom } }', context)).toEqual({
      data: {
        job: {
          runAt: '2026-11-22T17:30:00.005Z',
          expiresAt: '1970-01-01T00:00:01.000Z',
          tags: ['b', 'a'],
          retryOf: 'job_7',
          memoizedFrom: 'job_8',
        },
      },
    })
  })

  it('have a history of attempts, counted from 1', async () => {
    const attempt = { jobId: 'job_1', nodeId: 'node_1', startedAt: 0 }
    const context = fakeContext({
      jobs: {
        find: () => Promise.resolve(fakeJob()),
        attempts: () =>
          Promise.resolve([
            {
              ...attempt,
              fence: 3,
              finishedAt: 5,
              outcome: 'FAILED',
              error: { code: 'TIMEOUT', message: 'Too long.' },
              cpuMs: 4.5,
            },
            { ...attempt, fence: 4, finishedAt: null, outcome: null, error: null, cpuMs: null },
          ]),
      },
    })
    const source =
      '{ job(id: "job_1") { history { number node startedAt finishedAt outcome error { code message } cpuMs } } }'
    const startedAt = '1970-01-01T00:00:00.000Z'
    expect(await run(source, context)).toEqual({
      data: {
        job: {
          history: [
            {
              number: 1,
              node: 'node_1',
              startedAt,
              finishedAt: '1970-01-01T00:00:00.005Z',
              outcome: 'FAILED',
              error: { code: 'TIMEOUT', message: 'Too long.' },
              cpuMs: 4.5,
            },
            { number: 2, node: 'node_1', startedAt, finishedAt: null, outcome: null, error: null, cpuMs: null },
          ],
        },
      },
    })
  })

  it('have the files that they wrote', async () => {
    const context = fakeContext({
      jobs: { find: () => Promise.resolve(fakeJob()), written: () => Promise.resolve([file]) },
    })
    expect(await run('{ job(id: "job_1") { artifacts { id fileName } } }', context)).toEqual({
      data: { job: { artifacts: [{ id: 'art_1', fileName: 'a.png' }] } },
    })
  })

  it('are nodes', async () => {
    const context = fakeContext({ jobs: { find: (_p, id) => Promise.resolve(id === 'job_1' ? fakeJob() : null) } })
    const source = '{ node(id: "job_1") { __typename id ... on Job { state } } none: node(id: "usr_1") { id } }'
    expect(await run(source, context)).toEqual({
      data: { node: { __typename: 'CountWordsJob', id: 'job_1', state: 'QUEUED' }, none: null },
    })
  })

  it('are cancelled', async () => {
    const context = fakeContext({ jobs: { cancel: (_p, id) => Promise.resolve(fakeJob({ id, state: 'CANCELLED' })) } })
    expect(await run('mutation { cancelJob(id: "job_9") { __typename id state } }', context)).toEqual({
      data: { cancelJob: { __typename: 'CountWordsJob', id: 'job_9', state: 'CANCELLED' } },
    })
  })

  it('that are not there cannot be cancelled', async () => {
    const context = fakeContext({ jobs: { cancel: () => Promise.reject(new NotFoundError('job')) } })
    const result = await run('mutation { cancelJob(id: "job_9") { id } }', context)
    expect(result).toMatchObject({ data: null, errors: [{ message: 'There is no such job.', path: ['cancelJob'] }] })
  })

  it('cannot have so many files that the answer holds everybody up', async () => {
    const files = Array.from({ length: 20_000 }, (_, n) => ({ ...file, id: `art_${n}` }))
    const context = fakeContext({
      jobs: { find: () => Promise.resolve(fakeJob()), written: () => Promise.resolve(files) },
    })
    const source = '{ a: job(id: "job_1") { artifacts { id } } b: job(id: "job_1") { artifacts { id } } }'
    expect((await run(source, context)).errors).toMatchObject([
      {
        message:
          'One operation may read 4 MiB of outputs, of which those in fields count 4 times. Ask for fewer jobs at a time.',
        path: ['b', 'artifacts'],
      },
    ])
  })
})
