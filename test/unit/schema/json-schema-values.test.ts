import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { artifact } from '../../../src/core/task.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { describeTask } from './describe-task.ts'
import { inputSdlOf, sdlOf, text } from './sdl.ts'

describe('values of a task as GraphQL', () => {
  it('has scalars by the range of their numbers', () => {
    const input = z.object({
      text: z.string(),
      on: z.boolean(),
      number: z.number(),
      safeInteger: z.int(),
      int32: z.int32(),
      uint32: z.uint32(),
      percent: z.int().min(0).max(100),
      positive: z.int32().positive(),
      below: z.int().gt(-3_000_000_000).lt(5),
    })
    expect(inputSdlOf(input)).toBe(text`
      input CookInput {
        below: Float!
        int32: Int!
        number: Float!
        on: Boolean!
        percent: Int!
        positive: Int!
        safeInteger: Float!
        text: String!
        uint32: Float!
      }
    `)
  })

  it('has moments and days of their own, where the text may be as they write it', () => {
    const input = z.object({
      at: z.iso.datetime(),
      offset: z.iso.datetime({ offset: true }).optional(),
      milliseconds: z.iso.datetime({ precision: 3 }),
      seconds: z.iso.datetime({ precision: 0 }),
      microseconds: z.iso.datetime({ precision: 6 }),
      minutes: z.iso.datetime({ precision: -1 }),
      local: z.iso.datetime({ local: true }),
      patterned: z.iso.datetime().regex(/^2/),
      date: z.coerce.date(),
      day: z.iso.date().nullable(),
      time: z.iso.time(),
      holidays: z.array(z.iso.date()).default(['2026-12-25']),
      since: z.iso.datetime().default('2026-01-01T00:00:00Z'),
      eras: z.array(z.iso.datetime().nullable()).default(['2026-01-01T00:00:00Z', null]),
    })
    expect(inputSdlOf(input)).toBe(text`
      input CookInput {
        at: DateTime!
        date: DateTime!
        day: Date
        eras: [DateTime] = ["2026-01-01T00:00:00.000Z", null]
        holidays: [Date!] = ["2026-12-25"]
        local: String!
        microseconds: String!
        milliseconds: DateTime!
        minutes: String!
        offset: DateTime
        patterned: String!
        seconds: String!
        since: DateTime = "2026-01-01T00:00:00.000Z"
        time: String!
      }
    `)
  })

  it('keeps other formats as strings, and makes artifacts ids', () => {
    const input = z.object({
      link: z.url(),
      code: z.string().regex(/a/).regex(/b/),
      file: artifact(),
      more: z.array(artifact()),
      mask: artifact().nullish(),
    })
    expect(inputSdlOf(input)).toBe(text`
      input CookInput {
        code: String!
        file: ID!
        link: String!
        mask: ID
        more: [ID!]!
      }
    `)
  })

  it('makes of several texts or numbers the scalar that takes them all', () => {
    const input = z.object({
      when: z.union([z.iso.date(), z.iso.datetime()]),
      moment: z.union([z.iso.datetime(), z.iso.datetime({ offset: true })]).nullable(),
      format: z.enum(['png', 'webp']).or(z.string()),
      count: z.union([z.int32(), z.literal(0.5)]),
    })
    expect(inputSdlOf(input)).toBe(text`
      input CookInput {
        count: Float!
        format: String!
        moment: DateTime
        when: String!
      }
    `)
  })

  it('says the format of a text that has no other description', () => {
    const input = z.object({ link: z.url(), page: z.url().describe('Where it lies.') })
    const { schema } = createSchema([describeTask({ name: 'cook', input })])
    expect(sdlOf(schema, (name) => name === 'CookInput')).toBe(text`
      """The input of \`cook\`."""
      input CookInput {
        """Text in the format \`uri\`."""
        link: String!
        """Where it lies."""
        page: String!
      }
    `)
  })

  it('makes enums of literals that are GraphQL names, and strings of others', () => {
    const input = z.object({
      heat: z.enum(['low', 'MEDIUM', 'high_1']),
      one: z.literal('only'),
      either: z.union([z.literal('a'), z.enum(['b', 'a'])]),
      maybe: z.enum(['x', 'y']).nullable(),
      medium: z.enum(['text/csv', 'text/html']),
      reserved: z.enum(['true', 'yes']),
      dunder: z.enum(['__a', 'b']),
      tones: z.array(z.enum(['dark', 'light'])),
      three: z.literal(3),
      half: z.literal([0.5, 1]),
      yes: z.literal(true),
    })
    expect(inputSdlOf(input)).toBe(text`
      enum CookEither {
        a
        b
      }

      enum CookHeat {
        MEDIUM
        high_1
        low
      }

      input CookInput {
        dunder: String!
        either: CookEither!
        half: Float!
        heat: CookHeat!
        maybe: CookMaybe
        medium: String!
        one: CookOne!
        reserved: String!
        three: Int!
        tones: [CookTone!]!
        yes: Boolean!
      }

      enum CookMaybe {
        x
        y
      }

      enum CookOne {
        only
      }

      enum CookTone {
        dark
        light
      }
    `)
  })

  it('prints defaults that are scalars, enum values or lists of them', () => {
    const input = z.object({
      count: z.int32().default(3),
      ratio: z.number().default(0.5),
      name: z.string().default('a "b"'),
      on: z.boolean().default(false),
      heat: z.enum(['low', 'high']).default('low'),
      sizes: z.array(z.number()).default([1, 2.5]),
      heats: z.array(z.enum(['low', 'high'])).default(['high']),
      nothing: z.string().nullable().default(null),
      box: z.object({ side: z.number().default(2) }).default({ side: 2 }),
      wide: z.number().default(3_000_000_000),
    })
    expect(inputSdlOf(input)).toBe(text`
      input CookBoxInput {
        side: Float = 2
      }

      enum CookHeat {
        high
        low
      }

      enum CookHeats {
        high
        low
      }

      input CookInput {
        box: CookBoxInput
        count: Int = 3
        heat: CookHeat = low
        heats: [CookHeats!] = [high]
        name: String = "a \\"b\\""
        nothing: String = null
        on: Boolean = false
        ratio: Float = 0.5
        sizes: [Float!] = [1, 2.5]
        wide: Float = 3000000000
      }
    `)
  })
})
