import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { resultSdlOf, text } from './sdl.ts'

const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number() }),
  z.object({ kind: z.literal('no-fill') }),
  z.object({ kind: z.literal('POLYGON'), points: z.array(z.object({ x: z.number() })) }),
])

const sum: z.ZodType = z.discriminatedUnion('op', [
  z.object({ op: z.literal('number'), value: z.number() }),
  z.object({
    op: z.literal('add'),
    get left() {
      return sum
    },
    get right() {
      return sum.nullable()
    },
  }),
])

describe('a discriminated union in a result', () => {
  it('is a union of types that have the discriminator in common', () => {
    expect(resultSdlOf(z.object({ shapes: z.array(shape.nullable()) }))).toBe(text`
      type CookResult {
        shapes: [CookResultShape]!
      }

      union CookResultShape = CookResultShapeCircle | CookResultShapeNoFill | CookResultShapePolygon

      type CookResultShapeCircle {
        kind: String!
        radius: Float!
      }

      type CookResultShapeNoFill {
        kind: String!
      }

      type CookResultShapePolygon {
        kind: String!
        points: [CookResultShapePolygonPoint!]!
      }

      type CookResultShapePolygonPoint {
        x: Float!
      }
    `)
  })

  it('may hold itself and be the whole result', () => {
    expect(resultSdlOf(sum)).toBe(text`
      union CookResult = CookResultAdd | CookResultNumber

      type CookResultAdd {
        left: CookResult!
        op: CookResultOp!
        right: CookResult
      }

      type CookResultNumber {
        op: CookResultOp!
        value: Float!
      }

      enum CookResultOp {
        add
        number
      }
    `)
  })

  it('has a discriminator of the one type that fits all of its values', () => {
    const output = z.object({
      outcome: z.union([z.object({ ok: z.literal(true), a: z.string() }), z.object({ ok: z.literal(false) })]),
      deep: z.discriminatedUnion('type', [
        z.object({ type: z.literal('a'), level: z.literal(1) }),
        z.discriminatedUnion('sub', [
          z.object({ type: z.literal('b'), sub: z.literal(1) }),
          z.object({ type: z.literal('b'), sub: z.literal(2.5) }),
        ]),
      ]),
    })
    expect(resultSdlOf(output)).toBe(text`
      type CookResult {
        deep: CookResultDeep!
        outcome: CookResultOutcome!
      }

      union CookResultDeep = CookResultDeepA | CookResultDeepBSub1 | CookResultDeepBSub25

      type CookResultDeepA {
        level: Int!
        type: CookResultDeepType!
      }

      type CookResultDeepBSub1 {
        sub: Float!
        type: CookResultDeepType!
      }

      type CookResultDeepBSub25 {
        sub: Float!
        type: CookResultDeepType!
      }

      enum CookResultDeepType {
        a
        b
      }

      union CookResultOutcome = CookResultOutcomeOkFalse | CookResultOutcomeOkTrue

      type CookResultOutcomeOkFalse {
        ok: Boolean!
      }

      type CookResultOutcomeOkTrue {
        a: String!
        ok: Boolean!
      }
    `)
  })
})
