import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { artifact } from '../../../src/core/task.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { describeTask } from './describe-task.ts'
import { resultSdlOf, text } from './sdl.ts'

describe('the result of a task as GraphQL', () => {
  it('has every field that the task always gives, and names types after the result', () => {
    const output = z.object({
      columns: z.array(
        z.object({
          name: z.string(),
          kind: z.enum(['NUMBER', 'TEXT']),
          mean: z.number().nullable(),
          histogram: z.array(z.object({ from: z.number(), count: z.int32() })).optional(),
        }),
      ),
      rows: z.int(),
      preview: artifact(),
      frames: z.array(artifact()),
      note: z.string().default('none'),
    })
    expect(resultSdlOf(output)).toBe(text`
      type CookResult {
        columns: [CookResultColumn!]!
        frames: [Artifact]!
        note: String!
        preview: Artifact
        rows: Float!
      }

      type CookResultColumn {
        histogram: [CookResultColumnHistogram!]
        kind: CookResultColumnKind!
        mean: Float
        name: String!
      }

      type CookResultColumnHistogram {
        count: Int!
        from: Float!
      }

      enum CookResultColumnKind {
        NUMBER
        TEXT
      }
    `)
  })

  it('may be other than an object', () => {
    const resultType = (output: z.ZodType) => {
      const job = createSchema([describeTask({ name: 'cook', output })]).schema.getType('CookJob')
      return job && 'getFields' in job ? String(job.getFields()['result']?.type) : null
    }
    expect(resultType(z.number())).toBe('Float')
    expect(resultType(z.array(z.object({ a: z.string() })))).toBe('[CookResult!]')
    expect(resultType(z.enum(['A', 'B']))).toBe('CookResult')
    expect(resultType(z.object({}))).toBe('JSON')
  })
})
