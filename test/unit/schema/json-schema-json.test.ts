import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSchema } from '../../../src/schema/index.ts'
import { describeTask } from './describe-task.ts'
import { argumentTypeOf, inputSdlOf, text } from './sdl.ts'

const warningsOf = (input: z.ZodType) => createSchema([describeTask({ name: 'cook', input })]).warnings

describe('the input of a task as JSON', () => {
  it('makes JSON of what has no form in GraphQL, and says so', () => {
    type Nest = Nest[]
    const nest: z.ZodType<Nest> = z.lazy(() => z.array(nest))
    const input = z.object({
      counts: z.record(z.string(), z.number()),
      pair: z.tuple([z.string(), z.number()]),
      shape: z.union([z.object({ radius: z.number() }), z.object({ side: z.number() })]),
      mixed: z.union([z.string(), z.number()]).optional(),
      literals: z.literal(['a', 1]),
      nest,
    })
    expect(inputSdlOf(input)).toBe(text`
      input CookInput {
        counts: JSON!
        literals: JSON!
        mixed: JSON
        nest: [JSON!]!
        pair: JSON!
        shape: JSON!
      }
    `)
    const warning = (path: string, form: string) =>
      `/tasks/cook.ts: \`${path}\` in the input of \`cook\` is plain JSON in GraphQL, which has no type for ${form}.`
    expect(warningsOf(input)).toEqual([
      warning('counts', 'an object with free keys'),
      warning('pair', 'a tuple'),
      warning('shape', 'a union of objects without a constant that tells them apart'),
      warning('mixed', 'a value of several types'),
      warning('literals', 'literals of several types'),
      warning('nest[]', 'a list of itself'),
    ])
  })

  it('makes JSON without a word of what is meant to be any JSON, or nothing', () => {
    const input = z.object({ any: z.unknown(), nothing: z.null(), empty: z.object({}), all: z.array(z.any()) })
    expect(inputSdlOf(input)).toBe(text`
      input CookInput {
        all: [JSON]!
        any: JSON
        empty: JSON!
        nothing: JSON
      }
    `)
    expect(warningsOf(input)).toEqual([])
  })

  it('need not be given when it has no fields', () => {
    const { schema } = createSchema([describeTask({ name: 'cook', input: z.object({}) })])
    expect(argumentTypeOf(schema, 'cook', 'input')).toBe('JSON')
  })

  it('is JSON where it is a union as a whole', () => {
    const input = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])
    const { schema, warnings } = createSchema([describeTask({ name: 'cook', input })])
    expect(argumentTypeOf(schema, 'cook', 'input')).toBe('JSON!')
    expect(warnings).toEqual([
      '/tasks/cook.ts: the input of `cook` is plain JSON in GraphQL, which has no type for a union of objects without a constant that tells them apart.',
    ])
  })
})
