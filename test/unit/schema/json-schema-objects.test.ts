import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSchema } from '../../../src/schema/index.ts'
import { describeTask } from './describe-task.ts'
import { inputSdlOf, sdlOf, text } from './sdl.ts'

describe('the input of a task as GraphQL', () => {
  it('tells what may be left out from what may be null, as far as GraphQL can', () => {
    const input = z.object({
      needed: z.string(),
      optional: z.string().optional(),
      nullable: z.string().nullable(),
      nullish: z.number().nullish(),
      list: z.array(z.string().nullable()).nullable(),
      lists: z.array(z.array(z.number())).optional(),
      box: z.object({ side: z.number() }).nullable(),
    })
    expect(inputSdlOf(input)).toBe(text`
      input CookBoxInput {
        side: Float!
      }

      input CookInput {
        box: CookBoxInput
        list: [String]
        lists: [[Float!]!]
        needed: String!
        nullable: String
        nullish: Float
        optional: String
      }
    `)
  })

  it('names nested types by their path, items of lists in the singular', () => {
    const step = z.object({ minutes: z.number(), tools: z.array(z.object({ name: z.string() })) })
    const input = z.object({
      steps: z.array(step),
      max_sizes: z.array(z.array(z.object({ side: z.number() }))),
      box: z.object({ lid: z.object({ kind: z.enum(['FLAT', 'ROUND']) }) }),
      entries: z.array(z.enum(['FRONT', 'BACK'])),
      boxes: z.array(z.object({ id: z.string() })),
    })
    expect(inputSdlOf(input)).toBe(text`
      input CookBoxInput {
        lid: CookBoxLidInput!
      }

      input CookBoxLidInput {
        kind: CookBoxLidKind!
      }

      enum CookBoxLidKind {
        FLAT
        ROUND
      }

      input CookBoxesInput {
        id: String!
      }

      enum CookEntry {
        BACK
        FRONT
      }

      input CookInput {
        box: CookBoxInput!
        boxes: [CookBoxesInput!]!
        entries: [CookEntry!]!
        max_sizes: [[CookMaxSizeInput!]!]!
        steps: [CookStepInput!]!
      }

      input CookMaxSizeInput {
        side: Float!
      }

      input CookStepInput {
        minutes: Float!
        tools: [CookStepToolInput!]!
      }

      input CookStepToolInput {
        name: String!
      }
    `)
  })

  it('follows references and lets types be part of themselves', () => {
    const category = z.object({
      name: z.string(),
      get children() {
        return z.array(category).optional()
      },
      get parent() {
        return category.nullable()
      },
    })
    const shared = z.object({ unit: z.string() }).meta({ id: 'Unit' })
    expect(inputSdlOf(z.object({ category, a: shared, b: shared }))).toBe(text`
      input CookAInput {
        unit: String!
      }

      input CookBInput {
        unit: String!
      }

      input CookCategoryInput {
        children: [CookCategoryInput!]
        name: String!
        parent: CookCategoryInput
      }

      input CookInput {
        a: CookAInput!
        b: CookBInput!
        category: CookCategoryInput!
      }
    `)
  })

  it('lets the whole input be part of itself', () => {
    const input = z.object({
      name: z.string(),
      get next() {
        return input.optional()
      },
    })
    expect(inputSdlOf(input)).toBe(text`
      input CookInput {
        name: String!
        next: CookInput
      }
    `)
  })

  it('carries descriptions over, and has a sentence where there is none, but for the values of enums', () => {
    const heat = z.enum(['low', 'high']).describe('How hot.')
    const input = z
      .object({
        heat: heat.default('low'),
        pot: z.object({ litres: z.number().describe('The volume.') }).describe('The pot to use.'),
        note: z.string().describe('For the cook.').nullable(),
        plain: z.string(),
      })
      .describe('What to cook.')
    const { schema } = createSchema([describeTask({ name: 'cook', input })])
    expect(sdlOf(schema, (name) => /^Cook(Input|Heat|PotInput)$/.test(name))).toBe(text`
      """How hot."""
      enum CookHeat {
        high
        low
      }

      """What to cook."""
      input CookInput {
        """How hot."""
        heat: CookHeat = low
        """For the cook."""
        note: String
        """\`plain\` in the input of \`cook\`."""
        plain: String!
        """The pot to use."""
        pot: CookPotInput!
      }

      """The pot to use."""
      input CookPotInput {
        """The volume."""
        litres: Float!
      }
    `)
  })
})
