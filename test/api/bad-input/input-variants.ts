import {
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  type GraphQLNamedOutputType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql'

/** Texts that nothing takes for a good one: nothing at all, white space, a megabyte, control characters, broken Unicode. */
export const badTexts: readonly string[] = ['', ' \t\n', 'x'.repeat(1_000_000), '\u0000', '\ud800', '\u202e\u2066']

/** Texts that mean something somewhere else. */
const oddTexts: readonly string[] = [
  `' or 1=1 --`,
  '__proto__',
  '%s%n',
  '../../etc/passwd',
  '{"a":1}',
  '😀'.repeat(100),
]

/** Values of the wrong kind, whatever is asked for. */
export const wrongKinds: readonly unknown[] = [
  -1,
  1e308,
  true,
  [],
  [[]],
  {},
  { constructor: 1 },
  JSON.parse('{"__proto__":{"admin":true}}'),
]

/** A mutation with a variable for each argument. */
export function documentOf({ name, args, type }: GraphQLField<unknown, unknown>): string {
  const variables = args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ')
  const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ')
  const field = args.length === 0 ? name : `${name}(${passed})`
  return `mutation ${args.length === 0 ? '' : `(${variables}) `}{ ${field}${selectionOf(getNamedType(type))} }`
}

/** The code of a refusal in a union; what else there is does not matter. */
function selectionOf(type: GraphQLNamedOutputType): string {
  if (isLeafType(type)) return ''
  return isAbstractType(type) ? ' { __typename ... on Error { code } }' : ' { __typename }'
}
/** All variables as good as their types tell, but for one value somewhere within them that is bad. */
export function* variantsOf({ args }: GraphQLField<unknown, unknown>): Iterable<Record<string, unknown>> {
  const plain = Object.fromEntries(
    args.filter((arg) => isNonNullType(arg.type)).map((arg) => [arg.name, baseOf(arg.type)]),
  )
  yield plain
  for (const { name, type } of args) for (const value of valuesOf(type)) yield { ...plain, [name]: value }
}

function baseOf(type: GraphQLInputType): unknown {
  const nullable = getNullableType(type)
  if (isListType(nullable)) return [baseOf(nullable.ofType)]
  if (isInputObjectType(nullable)) return baseOfObject(nullable)
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name
  return { Int: 1, Float: 1, Boolean: false, DateTime: '2030-01-01T00:00:00.000Z', JSON: {} }[nullable.name] ?? 'x'
}

function baseOfObject(type: GraphQLInputObjectType): Record<string, unknown> {
  const fields = Object.values(type.getFields())
  const given = type.isOneOf ? fields.slice(0, 1) : fields.filter((field) => isNonNullType(field.type))
  return Object.fromEntries(given.map((field) => [field.name, baseOf(field.type)]))
}

function* valuesOf(type: GraphQLInputType): Iterable<unknown> {
  const nullable: GraphQLNamedInputType | GraphQLInputType = getNullableType(type)
  yield null
  yield* wrongKinds
  if (isListType(nullable)) {
    yield Array.from({ length: 10_000 }, () => baseOf(nullable.ofType))
    for (const value of valuesOf(nullable.ofType)) yield [value]
  } else if (isInputObjectType(nullable)) {
    const base = nullable.isOneOf ? {} : baseOfObject(nullable)
    for (const field of Object.values(nullable.getFields())) {
      for (const value of valuesOf(field.type)) yield { ...base, [field.name]: value }
    }
  } else yield* [...badTexts, ...oddTexts]
}
