import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSchema } from '../../../src/schema/index.ts'
import { describeTask } from './describe-task.ts'
import { argumentTypeOf, inputSdlOf, sdlOf, text } from './sdl.ts'

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

const warningsOf = (input: z.ZodType) =>
  createSchema([describeTask({ name: 'cook', input: z.object({ it: input }) })]).warnings.map((warning) =>
    warning.replace('/tasks/cook.ts: `it` in the input of `cook` is plain JSON in GraphQL, which has no type for ', ''),
  )

describe('a discriminated union in an input', () => {
  it('takes exactly one field, named after the member, with what the member has besides', () => {
    const input = z.object({ shape, shapes: z.array(shape).optional(), maybe: shape.nullable() })
    expect(inputSdlOf(input.pick({ shape: true }))).toBe(text`
      input CookInput {
        shape: CookShapeInput!
      }

      input CookShapeCircleInput {
        radius: Float!
      }

      input CookShapeInput @oneOf {
        circle: CookShapeCircleInput
        noFill: Chosen
        polygon: CookShapePolygonInput
      }

      input CookShapePolygonInput {
        points: [CookShapePolygonPointInput!]!
      }

      input CookShapePolygonPointInput {
        x: Float!
      }
    `)
    const sdl = inputSdlOf(input)
    expect(sdl).toContain('  maybe: CookMaybeInput\n  shape: CookShapeInput!\n  shapes: [CookShapesInput!]\n')
  })

  it('may hold itself, and unions and objects that hold unions', () => {
    const inner = z.discriminatedUnion('unit', [
      z.object({ unit: z.literal('m'), shape }),
      z.object({ unit: z.literal('ft') }),
    ])
    expect(inputSdlOf(z.object({ sum }))).toBe(text`
      input CookInput {
        sum: CookSumInput!
      }

      input CookSumAddInput {
        left: CookSumInput!
        right: CookSumInput
      }

      input CookSumInput @oneOf {
        add: CookSumAddInput
        number: CookSumNumberInput
      }

      input CookSumNumberInput {
        value: Float!
      }
    `)
    expect(inputSdlOf(z.object({ inner }))).toContain(text`
      input CookInnerMInput {
        shape: CookInnerMShapeInput!
      }
    `)
  })

  it('may be the whole input', () => {
    const { schema } = createSchema([describeTask({ name: 'cook', input: shape })])
    expect(argumentTypeOf(schema, 'cook', 'input')).toBe('CookInput!')
    expect(inputSdlOf(shape)).toContain(text`
      input CookInput @oneOf {
        circle: CookCircleInput
        noFill: Chosen
        polygon: CookPolygonInput
      }
    `)
  })

  it('has its members told apart by whatever constants they have', () => {
    const input = z.object({
      outcome: z.union([z.object({ ok: z.literal(true), a: z.string() }), z.object({ ok: z.literal(false) })]),
      version: z.union([z.object({ version: z.literal(1) }), z.object({ version: z.literal(2), b: z.string() })]),
      size: z.discriminatedUnion('dimension', [
        z.object({ dimension: z.literal('2d') }),
        z.object({ dimension: z.enum(['line', 'curve']), length: z.number() }),
      ]),
      default: z.union([
        z.object({ kind: z.literal('a').default('a'), x: z.number() }),
        z.object({ kind: z.literal('b') }),
      ]),
      deep: z.discriminatedUnion('type', [
        z.object({ type: z.literal('a'), x: z.string() }),
        z.discriminatedUnion('sub', [
          z.object({ type: z.literal('b'), sub: z.literal('p') }),
          z.object({ type: z.literal('b'), sub: z.literal('q') }),
        ]),
      ]),
      flat: z.union([shape, z.object({ kind: z.literal('square') }).nullable()]),
    })
    const unions = inputSdlOf(input)
      .split('\n\n')
      .filter((type) => type.includes('@oneOf'))
    expect(unions.join('\n\n')).toBe(text`
      input CookDeepInput @oneOf {
        a: CookDeepAInput
        bP: Chosen
        bQ: Chosen
      }

      input CookDefaultInput @oneOf {
        a: CookDefaultAInput
        b: Chosen
      }

      input CookFlatInput @oneOf {
        circle: CookFlatCircleInput
        noFill: Chosen
        polygon: CookFlatPolygonInput
        square: Chosen
      }

      input CookOutcomeInput @oneOf {
        okFalse: Chosen
        okTrue: CookOutcomeOkTrueInput
      }

      input CookSizeInput @oneOf {
        curve: CookSizeCurveInput
        dimension2d: Chosen
        line: CookSizeLineInput
      }

      input CookVersionInput @oneOf {
        version1: Chosen
        version2: CookVersionVersion2Input
      }
    `)
    expect(inputSdlOf(input)).toContain('\n  flat: CookFlatInput\n')
  })

  it('is JSON where its members cannot be told apart or named', () => {
    const kind = (value: string) => z.object({ kind: z.literal(value), x: z.number() })
    const both = z.object({ unit: z.enum(['m', 'ft']), x: z.number() })
    expect(warningsOf(z.union([kind('a-b'), kind('aB')]))).toEqual([
      'a union of which two members would be called "aB".',
    ])
    expect(warningsOf(z.union([kind('a'), kind('a')]))).toEqual([
      'a union of objects without a constant that tells them apart.',
    ])
    expect(warningsOf(z.union([both, both.extend({ y: z.number() })]))).toEqual([
      'a union of objects without a constant that tells them apart.',
    ])
    expect(warningsOf(z.union([kind('a'), z.object({ kind: z.literal('b').optional() })]))).toEqual([
      'a union of objects without a constant that tells them apart.',
    ])
    expect(warningsOf(z.union([kind('a'), z.string()]))).toEqual(['a union of several forms.'])
    expect(warningsOf(z.union([z.object({ '1': z.literal('1') }), z.object({ '1': z.literal('2') })]))).toEqual([
      'a union of which a member would be called "11".',
    ])
  })

  it('is described in sentences', () => {
    const input = z.object({
      shape: z
        .discriminatedUnion('kind', [
          z.object({ kind: z.literal('circle'), radius: z.number() }).describe('A round one.'),
          z.object({ kind: z.literal('square'), side: z.number() }),
        ])
        .describe('What to draw.'),
    })
    const { schema } = createSchema([describeTask({ name: 'cook', input })])
    expect(sdlOf(schema, (name) => name.startsWith('CookShape'))).toBe(text`
      """A round one."""
      input CookShapeCircleInput {
        """\`shape.circle.radius\` in the input of \`cook\`."""
        radius: Float!
      }

      """What to draw. Takes exactly one of the fields."""
      input CookShapeInput @oneOf {
        """A round one."""
        circle: CookShapeCircleInput
        """\`shape\` in the input of \`cook\`, where \`kind\` is "square"."""
        square: CookShapeSquareInput
      }

      """\`shape\` in the input of \`cook\`, where \`kind\` is "square"."""
      input CookShapeSquareInput {
        """\`shape.square.side\` in the input of \`cook\`."""
        side: Float!
      }
    `)
  })
})
