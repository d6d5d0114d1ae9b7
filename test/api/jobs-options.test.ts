import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'
import { openMillApp } from './jobs/mill-tasks.ts'

let app: App
let ada: SignedInUser
let bob: SignedInUser
let root: SignedInUser

beforeAll(async () => {
  app = await openMillApp()
  ada = await signUpAt(app.url, 'ada')
  bob = await signUpAt(app.url, 'bob')
  root = await signUpAt(app.url, 'root', app.setupToken)
})

afterAll(() => app[Symbol.asyncDispose]())

interface Job {
  readonly id: string
  readonly state: string
  readonly [field: string]: unknown
}

interface Answer {
  readonly __typename: string
  readonly job: Job
  readonly issues: readonly { readonly path: readonly string[]; readonly message: string }[]
}

const submission = (type: string) => `__typename
  ... on InvalidInputError { issues { path message } }
  ... on IdempotencyConflictError { jobId }
  ... on ${type}Accepted { job {
    id state tags priority retryOf memoizedFrom attempts output error { code message }
    history { number node finishedAt outcome error { code message } cpuMs }
  } }`

/** Runs `rollDie` with the options, to its end unless it is put off. */
async function roll(user: SignedInUser, options: object, input: object = {}): Promise<Answer> {
  const query = `mutation ($input: RollDieInput!, $options: JobOptions) {
    rollDie(input: $input, options: $options) { ${submission('RollDie')} }
  }`
  const variables = { input, options: { waitMs: 20_000, ...options } }
  return (await user.request<{ rollDie: Answer }>(query, variables)).rollDie
}

async function retry(user: SignedInUser, id: string, options: object = {}): Promise<Answer> {
  const query = `mutation ($id: ID!, $options: JobOptions) {
    retryJob(id: $id, options: $options) { ${submission('Job')} }
  }`
  const variables = { id, options: { waitMs: 20_000, ...options } }
  return (await user.request<{ retryJob: Answer }>(query, variables)).retryJob
}

async function list(user: SignedInUser, filter: unknown): Promise<readonly string[]> {
  const query = 'query ($filter: JobFilter) { jobs(filter: $filter, first: 100) { nodes { id } } }'
  const { jobs } = await user.request<{ jobs: { nodes: { id: string }[] } }>(query, { filter })
  return jobs.nodes.map(({ id }) => id)
}

const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString()
const unknownJob = 'job_01h455vb4pex5vsknk084sn02q'

describe('the options of a job', () => {
  it('put it off, and let it be withdrawn', async () => {
    const { job } = await roll(ada, { runAt: tomorrow(), expiresAt: '2999-01-01T00:00:00Z', waitMs: 0 })
    expect(job.state).toBe('SCHEDULED')
    const cancel = 'mutation ($id: ID!) { cancelJob(id: $id) { state expiresAt } }'
    expect(await ada.request(cancel, { id: job.id })).toEqual({
      cancelJob: { state: 'CANCELLED', expiresAt: '2999-01-01T00:00:00.000Z' },
    })
  })

  it('choose what a remembered result is to it', async () => {
    const first = await roll(ada, {})
    const second = await roll(ada, { memo: 'USE' })
    expect(second.job).toMatchObject({ state: 'SUCCEEDED', memoizedFrom: first.job.id, history: [] })
    expect(second.job['output']).toEqual(first.job['output'])
    const anew = await roll(ada, { memo: 'BYPASS' })
    expect(anew.job).toMatchObject({ state: 'SUCCEEDED', memoizedFrom: null, history: [{ outcome: 'SUCCEEDED' }] })
    const refreshed = await roll(ada, { memo: 'REFRESH' })
    expect((await roll(ada, {})).job).toMatchObject({ memoizedFrom: refreshed.job.id })
    expect((await roll(bob, {})).job).toMatchObject({ memoizedFrom: null })
  })

  it.each([
    ['an empty idempotency key', { idempotencyKey: '' }, 'idempotencyKey'],
    ['an idempotency key of 201 characters', { idempotencyKey: 'x'.repeat(201) }, 'idempotencyKey'],
    ['a priority of 101', { priority: 101 }, 'priority'],
    ['a wait of over 30 seconds', { waitMs: 30_001 }, 'waitMs'],
    ['a negative wait', { waitMs: -1 }, 'waitMs'],
    ['a negative delay', { delayMs: -1 }, 'delayMs'],
    ['a delay of half a millisecond', { delayMs: 0.5 }, 'delayMs'],
    ['a delay of over a year', { delayMs: 366 * 86_400_000 }, 'delayMs'],
    ['a delay beside a time', { delayMs: 1, runAt: '2026-01-01T00:00:00Z' }, 'delayMs'],
    ['a time in a thousand years', { runAt: '2999-01-01T00:00:00Z' }, 'runAt'],
    ['an end that is past', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    ['an empty tag', { tags: [''] }, 'tags'],
    ['a tag of 51 characters', { tags: ['x'.repeat(51)] }, 'tags'],
    ['eleven tags', { tags: Array.from({ length: 11 }, (_, n) => `tag ${n}`) }, 'tags'],
  ])('cannot be %s', async (_what, options, field) => {
    const { __typename, issues } = await roll(ada, options)
    expect([__typename, issues.map(({ path }) => path)]).toEqual(['InvalidInputError', [['options', field]]])
  })

  it('are all told of that are wrong', async () => {
    const { issues } = await roll(ada, { priority: 1000, tags: [''], waitMs: -1 })
    expect(issues.map(({ path }) => path.join('.')).toSorted()).toEqual([
      'options.priority',
      'options.tags',
      'options.waitMs',
    ])
  })

  it.each([
    [{ memo: 'ALWAYS' }, 'BAD_REQUEST'],
    [{ tags: [null] }, 'BAD_REQUEST'],
    [{ later: true }, 'BAD_REQUEST'],
    [{ priority: 0.5 }, 'BAD_REQUEST'],
    [{ runAt: 'tomorrow' }, 'INVALID_INPUT'],
    [{ expiresAt: '2026-02-30T00:00:00Z' }, 'INVALID_INPUT'],
  ])('are refused as a whole for %j', async (options, code) => {
    await expect(roll(ada, options)).rejects.toThrow(`${code}: Variable "$options" got invalid value`)
  })
})

describe('retryJob', () => {
  it('does a job again with its priority and its tags, and remembers where it came from', async () => {
    const failed = await roll(ada, { priority: 7, tags: ['red', 'blue'] }, { fail: true })
    expect(failed.job).toMatchObject({
      state: 'FAILED',
      attempts: 2,
      error: { code: 'TASK_ERROR', message: expect.stringContaining('It rolled off the table.') },
      history: [
        { number: 1, outcome: 'FAILED', error: { code: 'TASK_ERROR' }, node: expect.stringMatching(/^node_/) },
        { number: 2, outcome: 'FAILED', cpuMs: expect.any(Number), finishedAt: expect.any(String) },
      ],
    })
    const again = await retry(ada, failed.job.id)
    expect(again).toMatchObject({ __typename: 'JobAccepted' })
    expect(again.job).toMatchObject({
      state: 'FAILED',
      retryOf: failed.job.id,
      priority: 7,
      tags: ['red', 'blue'],
      attempts: 2,
    })
    expect((await retry(ada, failed.job.id, { priority: 0, tags: [] })).job).toMatchObject({ priority: 0, tags: [] })
  })

  it('does not take the remembered result', async () => {
    const { job } = await roll(ada, {})
    expect((await retry(ada, job.id)).job).toMatchObject({ state: 'SUCCEEDED', memoizedFrom: null, retryOf: job.id })
  })

  it('gives the same job for the same idempotency key', async () => {
    const { job } = await roll(ada, { memo: 'BYPASS' })
    const [one, two] = await Promise.all([
      retry(ada, job.id, { idempotencyKey: 'again' }),
      retry(ada, job.id, { idempotencyKey: 'again' }),
    ])
    expect(one.job.id).toBe(two.job.id)
  })

  it('waits until the job has ended', async () => {
    const { job } = await roll(ada, { delayMs: 86_400_000, memo: 'BYPASS', waitMs: 0 })
    await expect(retry(ada, job.id)).rejects.toThrow(/^JOB_NOT_FINISHED: /)
  })

  it("knows of no one else's job, and of none that there is not", async () => {
    const { job } = await roll(ada, { memo: 'BYPASS' })
    for (const user of [bob, root]) await expect(retry(user, job.id)).rejects.toThrow(/^NOT_FOUND: /)
    for (const id of [unknownJob, '', 'art_01h455vb4pex5vsknk084sn02q', 'x'.repeat(1000)]) {
      await expect(retry(ada, id)).rejects.toThrow(/^NOT_FOUND: /)
    }
  })

  it('refuses options that cannot be', async () => {
    const { job } = await roll(ada, { memo: 'BYPASS' })
    const { __typename, issues } = await retry(ada, job.id, { delayMs: -1 })
    expect([__typename, issues.map(({ path }) => path)]).toEqual(['InvalidInputError', [['options', 'delayMs']]])
  })
})

describe('the list of jobs', () => {
  it('is narrowed by state, task and tag', async () => {
    const cara = await signUpAt(app.url, 'cara')
    const done = (await roll(cara, { tags: ['a', 'b'] })).job.id
    const put = (await roll(cara, { tags: ['b'], delayMs: 86_400_000, waitMs: 0 }, { fail: true })).job.id
    expect(await list(cara, undefined)).toEqual([put, done])
    expect(await list(cara, {})).toEqual([put, done])
    expect(await list(cara, { states: null, task: null, tag: null })).toEqual([put, done])
    expect(await list(cara, { states: ['SUCCEEDED'] })).toEqual([done])
    expect(await list(cara, { states: ['SUCCEEDED', 'SCHEDULED'], tag: 'b' })).toEqual([put, done])
    expect(await list(cara, { tag: 'a' })).toEqual([done])
    expect(await list(cara, { tag: 'c' })).toEqual([])
    expect(await list(cara, { task: 'rollDie' })).toEqual([put, done])
    expect(await list(cara, { task: 'goneForLong' })).toEqual([])
    expect(await list(bob, { tag: 'a' })).toEqual([])
  })

  it.each([
    [{ states: [] }, 'INVALID_INPUT: The input is not valid. filter.states: Must name a state, or be left out.'],
    [{ task: '' }, 'INVALID_INPUT: The input is not valid. filter.task: Is not a name that a task can have.'],
    [{ tag: '' }, 'INVALID_INPUT: The input is not valid. filter.tag: Is not a tag that a job can have.'],
    [{ states: ['DONE'] }, 'BAD_REQUEST: Variable "$filter" got invalid value "DONE" at "filter.states[0]"'],
    [{ states: [null] }, 'BAD_REQUEST: Variable "$filter" got invalid value null at "filter.states[0]"'],
    [{ state: 'QUEUED' }, 'BAD_REQUEST: Variable "$filter" got invalid value'],
  ])('is refused for the filter %j', async (filter, message) => {
    await expect(list(ada, filter)).rejects.toThrow(message)
  })
})

describe('a task', () => {
  it('tells its limits', async () => {
    const query = `{ tasks { name timeoutMs retries { attempts baseMs capMs } memoizeForMs heapMb concurrency sharded } }`
    const { tasks } = await ada.request<{ tasks: { name: string }[] }>(query)
    expect(tasks.find(({ name }) => name === 'rollDie')).toEqual({
      name: 'rollDie',
      timeoutMs: 30_000,
      retries: { attempts: 2, baseMs: 1, capMs: 1 },
      memoizeForMs: 86_400_000,
      heapMb: null,
      concurrency: 2,
      sharded: false,
    })
  })
})

describe('poolStatus', () => {
  const query = `{ poolStatus { nodeId threads busy zombies waiting queued queue { count } wait { count p50 max }
    run { count } tasks { task running run { count } } } }`

  it('tells administrators what the threads have done', async () => {
    await roll(ada, { memo: 'BYPASS' })
    const { poolStatus } = await root.request<{ poolStatus: Record<string, unknown> }>(query)
    expect(poolStatus).toMatchObject({
      nodeId: expect.stringMatching(/^node_/),
      threads: 2,
      zombies: 0,
      waiting: 0,
      tasks: expect.arrayContaining([expect.objectContaining({ task: 'rollDie', run: { count: expect.any(Number) } })]),
    })
  })

  it('is for nobody else', async () => {
    await expect(ada.request(query)).rejects.toThrow(/^INSUFFICIENT_SCOPE: /)
  })
})
