import { isInterfaceType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { artifact } from '../../../src/core/task.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { describeTask } from './describe-task.ts'
import { bareSdlOf, sdlOf, text } from './sdl.ts'

const partial = z.object({ line: z.string(), words: z.array(z.object({ word: z.string(), count: z.int32() })) })

describe('the types of a task', () => {
  it('are a job with a typed result, a submission and typed partial results', () => {
    const { schema } = createSchema([describeTask({ partial })])
    const names = /^CountWords(Job|Accepted|Submission|Partial)$/
    const task = describeTask({ partial })
    expect(bareSdlOf(task, (name) => names.test(name))).toBe(text`
      type CountWordsAccepted {
        job: CountWordsJob!
      }

      type CountWordsJob implements Job & Node {
        artifacts: [Artifact!]!
        attempts: Int!
        cancelRequestedAt: DateTime
        createdAt: DateTime!
        error: JobError
        expiresAt: DateTime
        finishedAt: DateTime
        history: [JobAttempt!]!
        id: ID!
        losses: Int!
        memoizedFrom: ID
        output: JSON
        partials(last: Int = 20): [CountWordsPartialValue!]!
        priority: Int!
        progress: JobProgress
        result: CountWordsResult
        retryOf: ID
        runAt: DateTime!
        startedAt: DateTime
        state: JobState!
        tags: [String!]!
        task: String!
        taskVersion: String!
      }

      type CountWordsPartial implements JobEvent & JobPartial {
        at: DateTime!
        data: JSON!
        job: Job!
        value: CountWordsPartialValue!
      }

      union CountWordsSubmission = CountWordsAccepted | IdempotencyConflictError | InvalidInputError | QuotaExceededError
    `)
    expect(String(schema.getMutationType()?.getFields()['countWords'])).toBe('Mutation.countWords')
  })

  it('name the parts of partial results after the partial result', () => {
    expect(bareSdlOf(describeTask({ partial }), (name) => name.startsWith('CountWordsPartialValue'))).toBe(text`
      type CountWordsPartialValue {
        line: String!
        words: [CountWordsPartialValueWord!]!
      }

      type CountWordsPartialValueWord {
        count: Int!
        word: String!
      }
    `)
  })

  it('have no type of partial results where the task has none', () => {
    const { schema } = createSchema([describeTask()])
    expect(schema.getType('CountWordsPartial')).toBeUndefined()
    expect(bareSdlOf(describeTask(), (name) => name === 'CountWordsJob')).not.toContain('partials')
    expect(schema.getPossibleTypes(interfaceOf(schema, 'JobPartial')).map(({ name }) => name)).toEqual([
      'UntypedJobPartial',
    ])
  })

  it('begin with a mutation that takes the typed input', () => {
    const { schema } = createSchema([describeTask()])
    const field = schema.getMutationType()?.getFields()['countWords']
    expect(field?.args.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
      'input: CountWordsInput!',
      'options: JobOptions',
    ])
    expect(String(field?.type)).toBe('CountWordsSubmission!')
    expect(field?.description).toBe('Counts words.')
  })

  it('ask for the scopes of jobs, for the result that of reading them', () => {
    const { schema } = createSchema([describeTask({ partial })])
    const sdl = sdlOf(schema, (name) => /^(CountWords|Job$|JobPartial$|UntypedJob$)/.test(name))
    const either = '@requiresScopes(scopes: [["jobs:read"], ["jobs:write"]])'
    const read = '@requiresScopes(scopes: [["jobs:read"]])'
    expect(sdl).toContain(`type CountWordsJob implements Job & Node ${either} {`)
    expect(sdl).toContain(`  result: CountWordsResult ${read}\n`)
    expect(sdl).toContain(`): [CountWordsPartialValue!]! ${read}\n`)
    expect(sdl).toContain(`type CountWordsAccepted ${either} {`)
    expect(sdl).toContain(`type CountWordsResult ${read} {`)
    expect(sdl).toContain(`type CountWordsPartial implements JobEvent & JobPartial ${read} {`)
    expect(sdl).toContain(`type CountWordsPartialValueWord ${read} {`)
    expect(sdl).toContain(`interface Job implements Node ${either} {`)
    expect(sdl.split(`  output: JSON ${read}\n`)).toHaveLength(4) // on Job, CountWordsJob and UntypedJob
  })

  it('ask for the scope of files where they hold one', () => {
    const output = z.object({ file: artifact(), files: z.array(artifact().nullable()), name: z.string() })
    const { schema } = createSchema([describeTask({ output })])
    const fields = sdlOf(schema, (name) => name === 'CountWordsResult')
      .split('\n')
      .filter((line) => line.includes(': '))
    const files = '@requiresScopes(scopes: [["artifacts:read"]])'
    expect(fields.slice(1)).toEqual([`  file: Artifact ${files}`, `  files: [Artifact]! ${files}`, '  name: String!'])
  })

  it('are separate for two schemas in one process', () => {
    const first = createSchema([describeTask()]).schema
    const second = createSchema([describeTask({ name: 'countLines' })]).schema
    expect(first.getType('CountLinesJob')).toBeUndefined()
    expect(second.getType('CountWordsJob')).toBeUndefined()
  })
})

function interfaceOf(schema: ReturnType<typeof createSchema>['schema'], name: string) {
  const type = schema.getType(name)
  if (!isInterfaceType(type)) throw new Error(`There is no interface ${name}.`)
  return type
}
