import { createSourceEventStream, execute, parse, validate, validateSubscriptionArgs } from 'graphql'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { NotFoundError } from '../../../src/core/errors.ts'
import type { JobEvent } from '../../../src/core/job.ts'
import type { RequestContext } from '../../../src/resolvers/context.ts'
import { createSchema } from '../../../src/schema/index.ts'
import type { TopicStream } from '../../../src/services/streams/stream.ts'
import { describeTask } from './describe-task.ts'
import { fakeContext, fakeJob, principal } from './fake-context.ts'

const { schema } = createSchema([
  describeTask({ partial: z.object({ line: z.string(), words: z.int32() }) }),
  describeTask({ name: 'countLines' }),
])

const operation = `subscription {
  job(id: "job_1") {
    __typename at job { id state }
    ... on JobProgressed { progress { fraction message } }
    ... on JobPartial { data }
  }
}`

/** What the operation makes of an event: the server executes it once per event, with the event as the root value. */
async function shown(event: JobEvent, source = operation) {
  // As the log keeps it: as JSON.
  const rootValue: unknown = JSON.parse(JSON.stringify(event))
  const result = await execute({ schema, document: parse(source), rootValue, contextValue: fakeContext({}) })
  return JSON.parse(JSON.stringify(result)) as unknown
}

/** Opens the operation's source, as the server does. */
function subscribe(contextValue: RequestContext) {
  const args = validateSubscriptionArgs({ schema, document: parse(operation), contextValue })
  if (!('operation' in args)) throw new Error('The operation cannot be subscribed to.')
  return createSourceEventStream(args)
}

const at = Date.UTC(2026, 10, 22, 17, 30)
const common = { at: '2026-11-22T17:30:00.000Z', job: { id: 'job_1', state: 'RUNNING' } }
const job = fakeJob({ state: 'RUNNING' })

describe('subscription job', () => {
  it('is a valid operation', () => {
    expect(validate(schema, parse(operation))).toEqual([])
  })

  it('watches as who asks, from the cursor of the request', async () => {
    const resume = { after: 'c1.epoch1234.5', onGap: 'error' } as const
    const calls: unknown[] = []
    const stream = emptyStream()
    const watch = (...args: unknown[]) => {
      calls.push(args)
      return Promise.resolve(stream)
    }
    const contextValue = fakeContext({ jobs: { watch } }, resume)
    expect(await subscribe(contextValue)).toBe(stream)
    expect(calls).toEqual([[principal, 'job_1', resume]])
  })

  it('is refused as the service refuses it', async () => {
    const refusal = new NotFoundError('job')
    const contextValue = fakeContext({ jobs: { watch: () => Promise.reject(refusal) } })
    const result = await subscribe(contextValue)
    expect('errors' in result && result.errors?.map(({ cause, path }) => [cause, path])).toEqual([[refusal, ['job']]])
  })

  it('tells the state', async () => {
    expect(await shown({ type: 'JobSnapshot', at, job })).toEqual({
      data: { job: { __typename: 'JobSnapshot', ...common } },
    })
    expect(await shown({ type: 'JobStateChanged', at, job })).toEqual({
      data: { job: { __typename: 'JobStateChanged', ...common } },
    })
  })

  it('tells progress', async () => {
    const progress = { fraction: 0.25, message: null }
    expect(await shown({ type: 'JobProgressed', at, job, progress })).toEqual({
      data: { job: { __typename: 'JobProgressed', ...common, progress } },
    })
  })

  it('tells lines of the log', async () => {
    const source = 'subscription { job(id: "job_1") { ... on JobLogged { level text } } }'
    const event = (level: 'debug' | 'info' | 'warn' | 'error') =>
      shown({ type: 'JobLogged', at, job, level, text: 'Hm.' }, source)
    expect(await Promise.all([event('debug'), event('info'), event('warn'), event('error')])).toEqual(
      ['DEBUG', 'INFO', 'WARN', 'ERROR'].map((level) => ({ data: { job: { level, text: 'Hm.' } } })),
    )
  })

  it('tells partial results, as JSON and typed', async () => {
    const data = { line: 'a b', words: 2 }
    const event: JobEvent = { type: 'JobPartial', at, job, data }
    expect(await shown(event)).toEqual({ data: { job: { __typename: 'CountWordsPartial', ...common, data } } })
    const typed = 'subscription { job(id: "job_1") { ... on CountWordsPartial { value { words line } } } }'
    expect(await shown(event, typed)).toEqual({ data: { job: { value: { words: 2, line: 'a b' } } } })
  })

  it('tells partial results that no loaded task describes', async () => {
    const untyped = (task: string) => shown({ type: 'JobPartial', at, job: fakeJob({ task }), data: { x: 1 } })
    const expected = {
      data: {
        job: { __typename: 'UntypedJobPartial', at: common.at, job: { id: 'job_1', state: 'QUEUED' }, data: { x: 1 } },
      },
    }
    expect(await untyped('gone')).toEqual(expected)
    expect(await untyped('countLines')).toEqual(expected)
  })

  it('tells the job with its own type', async () => {
    const source = 'subscription { job(id: "job_1") { job { __typename ... on CountWordsJob { task } } } }'
    expect(await shown({ type: 'JobSnapshot', at, job }, source)).toEqual({
      data: { job: { job: { __typename: 'CountWordsJob', task: 'countWords' } } },
    })
  })
})

function emptyStream(): TopicStream {
  const position = { epoch: 'epoch1234', offset: 5 }
  const end = () => Promise.resolve({ done: true, value: undefined } as const)
  const stream: TopicStream = {
    topic: 'job:job_1',
    finished: true,
    upToDate: true,
    cursor: 'c1.epoch1234.5',
    position,
    opening: null,
    live: { position, follow: () => () => undefined },
    take: () => null,
    ready: () => Promise.resolve(false),
    next: end,
    return: end,
    park: () => undefined,
    seek: () => undefined,
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}
