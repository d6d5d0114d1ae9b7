import { createSourceEventStream, execute, parse, validate, validateSubscriptionArgs } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { JobsEvent } from '../../../src/core/job.ts'
import { toPage } from '../../../src/core/page.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { describeTask } from './describe-task.ts'
import { fakeContext, fakeJob, principal } from './fake-context.ts'

const { schema } = createSchema([describeTask()])

const operation = `subscription {
  jobs {
    __typename at
    ... on JobStateChanged { job { __typename id state } }
    ... on JobsSnapshot { jobs { nodes { id state } pageInfo { hasNextPage } } }
  }
}`

/** What the operation makes of an event: the server executes it once per event, with the event as the root value. */
async function shown(event: JobsEvent) {
  // As the log keeps it: as JSON.
  const rootValue: unknown = JSON.parse(JSON.stringify(event))
  const result = await execute({ schema, document: parse(operation), rootValue, contextValue: fakeContext({}) })
  return JSON.parse(JSON.stringify(result)) as unknown
}

const at = Date.UTC(2026, 10, 22, 17, 30)
const job = fakeJob({ state: 'RUNNING' })

describe('subscription jobs', () => {
  it('is a valid operation', () => {
    expect(validate(schema, parse(operation))).toEqual([])
  })

  it('watches as who asks, from the cursor of the request', async () => {
    const resume = { after: 'c1.epoch1234.5', onGap: 'error' } as const
    const calls: unknown[] = []
    async function* stream() {}
    const opened = stream()
    const watchAll = (...args: unknown[]) => {
      calls.push(args)
      return Promise.resolve(opened as never)
    }
    const contextValue = fakeContext({ jobs: { watchAll } }, resume)
    const args = validateSubscriptionArgs({ schema, document: parse(operation), contextValue })
    if (!('operation' in args)) throw new Error('The operation cannot be subscribed to.')
    expect(await createSourceEventStream(args)).toBe(opened)
    expect(calls).toEqual([[principal, resume]])
  })

  it('shows the jobs that it opens with as a page of the list', async () => {
    expect(await shown({ type: 'JobsSnapshot', at, jobs: toPage([job, fakeJob({ id: 'job_2' })], 1) })).toEqual({
      data: {
        jobs: {
          __typename: 'JobsSnapshot',
          at: '2026-11-22T17:30:00.000Z',
          jobs: { nodes: [{ id: 'job_1', state: 'RUNNING' }], pageInfo: { hasNextPage: true } },
        },
      },
    })
  })

  it('shows a change of state as the subscription job does', async () => {
    expect(await shown({ type: 'JobStateChanged', at, job })).toEqual({
      data: {
        jobs: {
          __typename: 'JobStateChanged',
          at: '2026-11-22T17:30:00.000Z',
          job: { __typename: 'CountWordsJob', id: 'job_1', state: 'RUNNING' },
        },
      },
    })
  })
})
