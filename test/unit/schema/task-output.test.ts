import { execute, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { JobEvent } from '../../../src/core/job.ts'
import { artifact } from '../../../src/core/task.ts'
import type { Artifact } from '../../../src/ports/artifact-index.ts'
import type { RequestContext } from '../../../src/resolvers/context.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { spend } from '../../../src/services/jobs/read-budget.ts'
import { describeTask } from './describe-task.ts'
import { fakeContext, fakeJob, principal } from './fake-context.ts'
import { runOperation } from './run-operation.ts'

const event = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('born'), on: z.iso.date() }),
  z.object({ kind: z.literal('moved'), at: z.date(), photo: artifact(), ok: z.literal(true) }),
  z.object({ kind: z.literal('died') }),
])

const output = z.object({
  event,
  events: z.array(event.nullable()),
  at: z.iso.datetime({ offset: true }),
  times: z.array(z.array(z.date().nullable())),
  file: artifact(),
  files: z.array(artifact()),
  maybe: artifact().nullish(),
})

const { schema } = createSchema([describeTask({ name: 'cook', output, partial: event })])

const file: Artifact = {
  id: 'art_1',
  ownerId: 'usr_1',
  hash: 'ab',
  size: 3,
  fileName: 'a.png',
  mediaType: 'image/png',
  createdAt: 0,
}

/** What the typed result of the job is for who asks, whose only file is `art_1`. */
function shown(selection: string, result: unknown) {
  const context = fakeContext({
    jobs: {
      find: () => Promise.resolve(fakeJob({ task: 'cook', state: 'SUCCEEDED' })),
      output: (_job, budget) => {
        if (budget !== undefined) spend(budget, JSON.stringify(result).length)
        return Promise.resolve(result)
      },
    },
    artifacts: { find: (asker, id) => Promise.resolve(asker === principal && id === 'art_1' ? file : null) },
  })
  return runOperation(schema, `{ job(id: "job_1") { ... on CookJob { result { ${selection} } } } }`, context)
}

const eventFields = (prefix: string) => `__typename ... on ${prefix}Born { kind on } ... on ${prefix}Died { kind }
  ... on ${prefix}Moved { kind at photo { fileName } ok }`
const moved = { kind: 'moved', at: '2026-11-22T17:30:00.000Z', photo: 'art_1', ok: true }

describe('the typed result of a job', () => {
  it('has members of unions as what they are', async () => {
    const selection = `event { ${eventFields('CookResultEvent')} } events { ${eventFields('CookResultEvents')} }`
    const result = { event: moved, events: [{ kind: 'born', on: '2026-11-22' }, null, { kind: 'died' }] }
    expect(await shown(selection, result)).toEqual({
      data: {
        job: {
          result: {
            event: {
              __typename: 'CookResultEventMoved',
              kind: 'moved',
              at: '2026-11-22T17:30:00.000Z',
              photo: { fileName: 'a.png' },
              ok: true,
            },
            events: [
              { __typename: 'CookResultEventsBorn', kind: 'born', on: '2026-11-22' },
              null,
              { __typename: 'CookResultEventsDied', kind: 'died' },
            ],
          },
        },
      },
    })
  })

  it('has moments in UTC', async () => {
    const result = { at: '2026-11-22T18:30:00.5+01:00', times: [['2026-11-22T17:30:00.000Z', null], []] }
    expect(await shown('at times', result)).toEqual({
      data: { job: { result: { at: '2026-11-22T17:30:00.500Z', times: [['2026-11-22T17:30:00.000Z', null], []] } } },
    })
  })

  it('has files as files, and null for those that are no longer there', async () => {
    const result = { file: 'art_1', files: ['art_1', 'art_2'], maybe: null }
    expect(await shown('file { id url } files { fileName } maybe { id }', result)).toEqual({
      data: {
        job: {
          result: {
            file: { id: 'art_1', url: 'https://mill.example.com/artifacts/art_1' },
            files: [{ fileName: 'a.png' }, null],
            maybe: null,
          },
        },
      },
    })
  })

  it('has no more files in one answer than can be read at once', async () => {
    const files = Array.from({ length: 30_000 }, () => 'art_1')
    expect((await shown('files { id }', { files })).errors).toEqual([
      expect.objectContaining({
        message:
          'One operation may read 4 MiB of outputs, of which those in fields count 4 times. Ask for fewer jobs at a time.',
        path: ['job', 'result', 'files'],
      }),
    ])
  })

  it('tells what an earlier version of the task has made, if it fits no member, as an error of the field', async () => {
    const { data, errors } = await shown('event { __typename }', { event: { kind: 'flew' } })
    expect(data).toEqual({ job: { result: null } })
    expect(errors).toMatchObject([{ path: ['job', 'result', 'event'] }])
  })
})

describe('a typed partial result', () => {
  it('may be a union', async () => {
    const job = fakeJob({ task: 'cook', state: 'RUNNING' })
    const rootValue: JobEvent = { type: 'JobPartial', at: 0, job, data: moved }
    const source = `subscription { job(id: "job_1") { ... on CookPartial { value {
      __typename ... on CookPartialValueMoved { at photo { id } }
    } } } }`
    const contextValue: RequestContext = fakeContext({ artifacts: { find: () => Promise.resolve(file) } })
    const result = await execute({ schema, document: parse(source), rootValue, contextValue })
    expect(JSON.parse(JSON.stringify(result))).toEqual({
      data: {
        job: {
          value: { __typename: 'CookPartialValueMoved', at: '2026-11-22T17:30:00.000Z', photo: { id: 'art_1' } },
        },
      },
    })
  })
})
