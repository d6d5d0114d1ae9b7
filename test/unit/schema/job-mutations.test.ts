import { execute, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  IdempotencyConflictError,
  InvalidInputError,
  NotFoundError,
  QuotaExceededError,
  Refusal,
} from '../../../src/core/errors.ts'
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

const noOptions = {
  idempotencyKey: null,
  priority: null,
  waitMs: null,
  delayMs: null,
  runAt: null,
  expiresAt: null,
  memo: null,
  tags: null,
}

describe('the mutation of a task', () => {
  const submission = `
    __typename
    ... on CountWordsAccepted { job { id state task createdAt result { count } } }
    ... on InvalidInputError { code message issues { path message } }
    ... on IdempotencyConflictError { code jobId }
    ... on QuotaExceededError { code quota limit }
  `
  const refusing = (refusal: Error) => fakeContext({ jobs: { submit: () => Promise.reject(refusal) } })
  const submit = (context: RequestContext) =>
    run(`mutation { countWords(input: { text: "a" }) { ${submission} } }`, context)

  it('enters a job with the input and the options', async () => {
    const calls: unknown[] = []
    const context = fakeContext({
      jobs: {
        submit: (...args) => {
          calls.push(args)
          return Promise.resolve(fakeJob())
        },
        output: () => Promise.resolve(null),
      },
    })
    const source = `mutation ($input: CountWordsInput!, $options: JobOptions) {
      countWords(input: $input, options: $options) { ${submission} }
    }`
    const variables = { input: { text: 'a b', limit: null }, options: { idempotencyKey: 'k', waitMs: 50 } }
    expect(await run(source, context, variables)).toEqual({
      data: {
        countWords: {
          __typename: 'CountWordsAccepted',
          job: {
            id: 'job_1',
            state: 'QUEUED',
            task: 'countWords',
            createdAt: '2026-11-22T17:30:00.005Z',
            result: null,
          },
        },
      },
    })
    expect(calls).toEqual([
      [
        principal,
        'countWords',
        { text: 'a b', order: 'asc', limit: null },
        { ...noOptions, idempotencyKey: 'k', waitMs: 50 },
      ],
    ])
  })

  it('gives an empty input where the task takes nothing', async () => {
    const inputs: unknown[] = []
    const submit = (_principal: unknown, _task: string, input: unknown) => {
      inputs.push(input)
      return Promise.resolve(fakeJob())
    }
    const empty = createSchema([describeTask({ input: z.object({}) })]).schema
    const document = parse('mutation { a: countWords { __typename } b: countWords(input: null) { __typename } }')
    await execute({ schema: empty, document, contextValue: fakeContext({ jobs: { submit } }) })
    expect(inputs).toEqual([{}, {}])
  })

  it('answers an invalid input with everything that is wrong', async () => {
    const refusal = new InvalidInputError([{ path: ['text'], message: 'Too short.' }])
    expect(await submit(refusing(refusal))).toEqual({
      data: {
        countWords: {
          __typename: 'InvalidInputError',
          code: 'INVALID_INPUT',
          message: 'The input is not valid. text: Too short.',
          issues: [{ path: ['text'], message: 'Too short.' }],
        },
      },
    })
  })

  it('answers a used idempotency key with the job that has it', async () => {
    expect(await submit(refusing(new IdempotencyConflictError('job_7')))).toEqual({
      data: { countWords: { __typename: 'IdempotencyConflictError', code: 'IDEMPOTENCY_CONFLICT', jobId: 'job_7' } },
    })
  })

  it('answers a full quota with the limit', async () => {
    expect(await submit(refusing(new QuotaExceededError('unfinishedJobs', 3, 'Too many.')))).toEqual({
      data: {
        countWords: { __typename: 'QuotaExceededError', code: 'QUOTA_EXCEEDED', quota: 'unfinishedJobs', limit: 3 },
      },
    })
  })

  it('leaves every other refusal to `errors`', async () => {
    const result = await submit(refusing(new NotFoundError('artifact')))
    expect(result.data).toBeNull()
    expect(result.errors).toMatchObject([{ message: 'There is no such artifact.', path: ['countWords'] }])
  })

  it('does not take a value that is not in an enum', async () => {
    const result = await run(
      'mutation ($o: CountWordsOrder) { countWords(input: { text: "a", order: $o }) { __typename } }',
      fakeContext({}),
      { o: 'up' },
    )
    expect(result.errors?.[0]?.message).toContain('"CountWordsOrder"')
  })
})

describe('submitJob', () => {
  it('enters a job for a task by its name, with the input as it is', async () => {
    const calls: unknown[] = []
    const context = fakeContext({
      jobs: {
        submit: (...args) => {
          calls.push(args)
          return Promise.resolve(fakeJob())
        },
      },
    })
    const source =
      'mutation { submitJob(task: "countWords", input: { text: "a", deep: [1, null, { b: true }] }) { __typename ... on JobAccepted { job { __typename id } } } }'
    expect(await run(source, context)).toEqual({
      data: { submitJob: { __typename: 'JobAccepted', job: { __typename: 'CountWordsJob', id: 'job_1' } } },
    })
    expect(calls).toEqual([[principal, 'countWords', { text: 'a', deep: [1, null, { b: true }] }, noOptions]])
  })

  it('names an unknown task in `errors`', async () => {
    const refusal = new Refusal('UNKNOWN_TASK', 'There is no task "x".')
    const context = fakeContext({ jobs: { submit: () => Promise.reject(refusal) } })
    const result = await execute({
      schema,
      document: parse('mutation { submitJob(task: "x", input: {}) { __typename } }'),
      contextValue: context,
    })
    expect('errors' in result && result.errors?.[0]?.cause).toBe(refusal)
  })
})

describe('the options of a job', () => {
  const source = 'mutation ($options: JobOptions) { submitJob(task: "x", input: {}, options: $options) { __typename } }'

  it('reach the service as they were given, moments in ms', async () => {
    const given: unknown[] = []
    const submit: Jobs['submit'] = (_principal, _task, _input, options) => {
      given.push(options)
      return Promise.resolve(fakeJob())
    }
    const options = {
      idempotencyKey: 'k',
      priority: -5,
      delayMs: 31_536_000_000,
      runAt: '2026-11-22T18:30:00+01:00',
      expiresAt: '2026-11-23T00:00:00Z',
      memo: 'REFRESH',
      tags: ['a', 'b'],
      waitMs: 10,
    }
    await run(source, fakeContext({ jobs: { submit } }), { options })
    const runAt = Date.UTC(2026, 10, 22, 17, 30)
    expect(given).toEqual([{ ...options, runAt, expiresAt: Date.UTC(2026, 10, 23) }])
  })

  it.each([
    [{ memo: 'use' }, 'Value "use" does not exist in "MemoMode" enum. Did you mean the enum value "USE"?'],
    [{ runAt: 'tomorrow' }, 'A DateTime is a string such as'],
    [{ runAt: '2026-02-30T00:00:00Z' }, 'A DateTime is a string such as'],
    [{ expiresAt: 5 }, 'A DateTime is a string such as'],
    [{ tags: [null] }, 'Expected value of non-null type "String!" not to be null.'],
    [{ delayMs: '5' }, 'Float cannot represent non numeric value: "5"'],
  ])('are not %j', async (options, sentence) => {
    const { errors } = await run(source, fakeContext({}), { options })
    expect(errors?.[0]?.message).toContain(sentence)
  })
})

describe('retryJob', () => {
  const source = `mutation ($options: JobOptions) {
    retryJob(id: "job_1", options: $options) {
      __typename
      ... on JobAccepted { job { id retryOf } }
      ... on QuotaExceededError { quota }
      ... on InvalidInputError { issues { path } }
    }
  }`

  it('enters the job once more', async () => {
    const calls: unknown[] = []
    const retry: Jobs['retry'] = (...args) => {
      calls.push(args)
      return Promise.resolve(fakeJob({ id: 'job_2', retryOf: 'job_1' }))
    }
    expect(await run(source, fakeContext({ jobs: { retry } }), { options: { priority: 3 } })).toEqual({
      data: { retryJob: { __typename: 'JobAccepted', job: { id: 'job_2', retryOf: 'job_1' } } },
    })
    expect(calls).toEqual([[principal, 'job_1', { ...noOptions, priority: 3 }]])
  })

  it('answers what it expects to be refused', async () => {
    const refusing = (refusal: Error) => fakeContext({ jobs: { retry: () => Promise.reject(refusal) } })
    expect(await run(source, refusing(new QuotaExceededError('unfinishedJobs', 3, 'Too many.')))).toEqual({
      data: { retryJob: { __typename: 'QuotaExceededError', quota: 'unfinishedJobs' } },
    })
    const issue = { path: ['options', 'delayMs'], message: 'Too long.' }
    expect(await run(source, refusing(new InvalidInputError([issue])))).toEqual({
      data: { retryJob: { __typename: 'InvalidInputError', issues: [{ path: ['options', 'delayMs'] }] } },
    })
  })

  it.each([new NotFoundError('job'), new Refusal('JOB_NOT_FINISHED', 'Not yet.')])(
    'leaves it to `errors` that $message',
    async (refusal) => {
      const contextValue = fakeContext({ jobs: { retry: () => Promise.reject(refusal) } })
      const result = await execute({ schema, document: parse(source), contextValue })
      expect('errors' in result && result.errors?.[0]?.cause).toBe(refusal)
    },
  )
})
