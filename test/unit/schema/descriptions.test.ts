import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { artifact } from '../../../src/core/task.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { describeTask } from './describe-task.ts'

interface Described {
  readonly name: string
  readonly description?: string | null | undefined
}

/** A type and everything in it that can have a description, by its coordinate. */
function describedParts(type: GraphQLNamedType): readonly (readonly [string, Described])[] {
  const under = (parent: string, part: Described) => [`${parent}.${part.name}`, part] as const
  if (isEnumType(type)) {
    // A zod enum says of its values no more than their names do.
    const values = type.name.startsWith('CountWords') ? [] : type.getValues()
    return [[type.name, type], ...values.map((value) => under(type.name, value))]
  }
  if (isInputObjectType(type)) {
    return [[type.name, type], ...Object.values(type.getFields()).map((field) => under(type.name, field))]
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [[type.name, type]]
  const fields = Object.values(type.getFields())
  return [
    [type.name, type],
    ...fields.map((field) => under(type.name, field)),
    ...fields.flatMap((field) => field.args.map((argument) => under(`${type.name}.${field.name}`, argument))),
  ]
}

const undescribed = z.object({
  mode: z.enum(['A', 'B']),
  parts: z.array(z.object({ name: z.string(), inner: z.object({ x: z.number() }) })),
  blank: z.string().describe(' '),
  shape: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('circle'), radius: z.number(), at: z.iso.datetime() }),
    z.object({ kind: z.literal('none') }),
  ]),
  day: z.iso.date(),
  link: z.url(),
  file: artifact(),
})

const { schema } = createSchema([
  describeTask({ input: undescribed, output: undescribed, partial: undescribed }),
  describeTask({ name: 'silent', description: '', input: z.object({}), output: z.object({}) }),
])

const operatorTypes = /^(Bus|Cluster|Maintenance$|Member|ProcessLoad|RuntimeSettings|SetRuntimeSettings)/
const operatorFields =
  /^(Query|Mutation|Subscription)\.(clusterStatus|clusterEvents|maintenance|runtimeSettings|setLogLevel|setMaintenance|heapSnapshots|captureHeapSnapshot|deleteHeapSnapshot)\b/

/** Whether a description is too short to say anything alone, or has a pronoun in its first clause before a noun. */
function leansOnNeighbour(description: string): boolean {
  const [clause = ''] = description.split(/[,;:.]/)
  const [before = ''] = clause.split(/\b(?:it|its|they|them|their|such an?|that heap|the same)\b/i)
  const isNamed = before === clause || /\b(?:process|processes|heap|line|maintenance)\b/i.test(before)
  return description.split(/\s+/).length < 5 || !isNamed
}

describe('the schema', () => {
  it('describes every type, field, argument and enum value in a sentence', () => {
    const types = Object.values(schema.getTypeMap()).filter(
      (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
    )
    const parts = types.flatMap(describedParts)
    expect(parts.length).toBeGreaterThan(250)
    const bad = parts.filter(([, { description }]) => !/^["`A-Z].*\.$/s.test(description?.trim() ?? ''))
    expect(bad.map(([coordinate]) => coordinate)).toEqual([])
  })

  it('says of what operators look at what it is, though a reader may see that part alone', () => {
    const types = Object.values(schema.getTypeMap()).filter(({ name }) => operatorTypes.test(name))
    const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
      .flatMap((type) => (type ? describedParts(type) : []))
      .filter(([coordinate]) => operatorFields.test(coordinate))
    const parts = [...types.flatMap(describedParts), ...fields]
    expect(parts.length).toBeGreaterThan(80)
    const leaning = parts.filter(([, { description }]) => leansOnNeighbour(description ?? ''))
    expect(leaning.map(([coordinate, { description }]) => `${coordinate}: ${description}`)).toEqual([])
  })

  it.each([
    'When.',
    'In which way.',
    'Over Redis.',
    'When it said so.',
    'How many of them run a job.',
    'The same of 99 in 100 times.',
    'It was replaced because administrators wanted it.',
    'Whether there is such a process; otherwise the one member is all there is.',
    'Memory outside of that heap that belongs to objects in it, in bytes.',
    'How many streams are open over them, polls that wait among them.',
    'The most that it was late.',
  ])('knows that "%s" says nothing alone', (description) => {
    expect(leansOnNeighbour(description)).toBe(true)
  })

  it('describes its directives', () => {
    expect(schema.getDirectives().filter(({ description }) => !description)).toEqual([])
  })
})
