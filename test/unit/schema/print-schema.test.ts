import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSchema } from '../../../src/schema/index.ts'
import { printPublicSchema } from '../../../src/schema/print-schema.ts'
import { describeTask } from './describe-task.ts'

const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number(), since: z.iso.datetime().default('2026-01-01T00:00:00Z') }),
  z.object({ kind: z.literal('none'), on: z.iso.date().default('2026-11-22') }),
])
const { schema } = createSchema([
  describeTask({ partial: z.object({ line: z.string() }), input: z.object({ shape }), output: z.object({ shape }) }),
])
const sdl = printPublicSchema(schema)

describe('the printed schema', () => {
  it('ends with one newline', () => {
    expect(sdl).toMatch(/[^\n]\n$/)
  })

  it('is the same every time, in whatever order the tasks come', () => {
    const tasks = [describeTask(), describeTask({ name: 'abc' })]
    const [a, b] = [tasks, tasks.toReversed()].map((list) => printPublicSchema(createSchema(list).schema))
    expect(a).toBe(b)
  })

  it('reads back as the schema that it was printed from', () => {
    expect(printSchema(lexicographicSortSchema(buildSchema(sdl)))).toBe(printSchema(lexicographicSortSchema(schema)))
  })

  it('says who may select what', () => {
    const line = (start: string) => sdl.split('\n').find((text) => text.startsWith(start))
    expect(line('type Artifact ')).toBe(
      'type Artifact @requiresScopes(scopes: [["artifacts:read"], ["artifacts:write"]]) {',
    )
    expect(line('interface Error')).toBe('interface Error @skipAuth {')
    expect(line('  uploadArtifact')).toBe('  uploadArtifact(')
    expect(sdl).toContain('  ): Artifact! @requiresScopes(scopes: [["artifacts:write"]])\n')
    expect(sdl).toContain('  tasks: [Task!]! @requiresScopes(scopes: [["jobs:read"], ["jobs:write"]])\n')
    expect(sdl).toContain('directive @skipAuth on FIELD_DEFINITION | INTERFACE | OBJECT\n')
  })

  it('refuses a directive that the schema does not define', () => {
    const broken = buildSchema('type Query { a: String }')
    const field = broken.getQueryType()?.getFields()['a']
    if (field) field.extensions = { directives: { secret: {} } }
    expect(() => printPublicSchema(broken)).toThrow(
      'The schema applies the directive @secret, which it does not define.',
    )
  })
})
