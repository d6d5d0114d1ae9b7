import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { artifact } from '../../../src/core/task.ts'
import { inputSdlOf, text } from './sdl.ts'

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

  it('keeps dates and other formats as strings, and makes artifacts ids', () => {
    const input = z.object({
      at: z.iso.datetime(),
      link: z.url(),
      file: artifact(),
      more: z.array(artifact()),
      mask: artifact().nullish(),
    })
    expect(inputSdlOf(input)).toBe(text`
      input CookInput {
        at: String!
        file: ID!
        link: String!
        mask: ID
        more: [ID!]!
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
