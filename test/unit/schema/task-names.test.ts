import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type TaskDescription, TaskFileError } from '../../../src/ports/compute-pool.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { pascalCase, singular } from '../../../src/schema/jobs/type-names.ts'
import { describeTask } from './describe-task.ts'

function refusalOf(...tasks: readonly TaskDescription[]): string {
  try {
    createSchema(tasks)
  } catch (error) {
    if (error instanceof TaskFileError) return error.message
    throw error
  }
  return 'accepted'
}

const nameRule =
  'A name is made of letters, digits and underscores and begins with neither a digit nor two underscores.'

describe('a task that cannot become a part of the schema', () => {
  it('has a field that GraphQL does not take as a name', () => {
    const wrong = (path: string) =>
      `/tasks/cook.ts: the task "cook" cannot become a part of the schema: \`${path}\` in the input of \`cook\` has a name that GraphQL does not take. ${nameRule}`
    const refused = (input: z.ZodType) => refusalOf(describeTask({ name: 'cook', input }))
    expect(refused(z.object({ 'max-rows': z.number() }))).toBe(wrong('max-rows'))
    expect(refused(z.object({ '2nd': z.number() }))).toBe(wrong('2nd'))
    expect(refused(z.object({ '': z.number() }))).toBe(wrong(''))
    expect(refused(z.object({ __type: z.number() }))).toBe(wrong('__type'))
    expect(refused(z.object({ steps: z.array(z.object({ 'tool name': z.string() })) }))).toBe(
      wrong('steps[].tool name'),
    )
  })

  it('has such a field in its result or in its partial results', () => {
    const bad = z.object({ 'a.b': z.number() })
    const sentence = (use: string) =>
      `/tasks/cook.ts: the task "cook" cannot become a part of the schema: \`a.b\` in the ${use} of \`cook\` has a name that GraphQL does not take. ${nameRule}`
    expect(refusalOf(describeTask({ name: 'cook', output: bad }))).toBe(sentence('result'))
    expect(refusalOf(describeTask({ name: 'cook', partial: bad }))).toBe(sentence('partial result'))
  })

  it('has the name of a mutation that is there', () => {
    expect(refusalOf(describeTask({ name: 'cancelJob' }))).toBe(
      '/tasks/cancelJob.ts: the task "cancelJob" cannot become a part of the schema: it takes the mutation name "cancelJob", and so does the schema itself. Rename one of them.',
    )
    expect(refusalOf(describeTask({ name: 'signIn' }))).toContain('"signIn", and so does the schema itself.')
  })

  it('needs a type that the schema itself has', () => {
    expect(refusalOf(describeTask({ name: 'job' }))).toBe(
      '/tasks/job.ts: the task "job" cannot become a part of the schema: the job of `job` takes the type name "JobAccepted", and so does the schema itself. Rename one of them.',
    )
    expect(refusalOf(describeTask({ name: 'untyped' }))).toContain('"UntypedJob", and so does the schema itself.')
  })

  it('needs a type that another task has', () => {
    const outer = describeTask({ name: 'cook', input: z.object({ steps: z.array(z.object({ a: z.string() })) }) })
    const inner = describeTask({ name: 'cookStep', input: z.object({ b: z.string() }) })
    expect(refusalOf(outer, inner)).toBe(
      '/tasks/cookStep.ts: the task "cookStep" cannot become a part of the schema: the input of `cookStep` takes the type name "CookStepInput", and so does `steps[]` in the input of `cook`. Rename one of them.',
    )
  })

  it('needs one type for two of its fields', () => {
    const input = z.object({ a_b: z.object({ x: z.string() }), aB: z.object({ y: z.string() }) })
    expect(refusalOf(describeTask({ name: 'cook', input }))).toContain(
      '`aB` in the input of `cook` takes the type name "CookABInput", and so does `a_b` in the input of `cook`.',
    )
    expect(refusalOf(describeTask({ name: 'cook', input: z.object({ result: z.enum(['A', 'B']) }) }))).toContain(
      'the result of `cook` takes the type name "CookResult", and so does `result` in the input of `cook`.',
    )
  })

  it('would need an input that holds itself without an end', () => {
    const endless = z.object({
      get self() {
        return endless
      },
    })
    expect(() => createSchema([describeTask({ name: 'cook', input: endless })])).toThrow(/CookInput/)
  })
})

describe('names of types', () => {
  it('begin every word with a capital', () => {
    expect(['rows', 'maxRows', 'max_rows', '_hidden', 'a1', 'URL'].map(pascalCase)).toEqual([
      'Rows',
      'MaxRows',
      'MaxRows',
      'Hidden',
      'A1',
      'URL',
    ])
  })

  it('have the singular of plain plurals', () => {
    const words = ['columns', 'entries', 'boxes', 'matches', 'classes', 'values', 'bins']
    expect(words.map(singular)).toEqual(['column', 'entry', 'box', 'match', 'class', 'value', 'bin'])
  })

  it('leave alone what is no plain plural', () => {
    const words = ['data', 'series', 'status', 'analysis', 'address', 'item']
    expect(words.map(singular)).toEqual(words)
  })
})
