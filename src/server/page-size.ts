import { type FieldNode, type GraphQLArgument, type GraphQLField, Kind } from 'graphql'

/** The arguments by which a field is told how many things to answer with. */
const sizes: readonly string[] = ['first', 'last']

/** The greatest page that any of them gives. */
const greatest = 100

/** How many things a field can answer with at most, by the page that is asked for; 1 where it has no pages. */
export function pageSize(node: FieldNode, field: GraphQLField<unknown, unknown> | null): number {
  const size = field?.args.find(({ name }) => sizes.includes(name))
  if (size === undefined) return 1
  const given = node.arguments?.find(({ name }) => name.value === size.name)?.value
  if (given === undefined || given.kind === Kind.NULL) return within(defaultOf(size))
  // What a variable holds is not known before the operation is run.
  return given.kind === Kind.INT ? within(Number(given.value)) : greatest
}

/** More is refused by the field itself. */
function within(size: number): number {
  return Math.min(greatest, Math.max(1, size))
}

function defaultOf(argument: GraphQLArgument): number {
  const { literal, value } = argument.default ?? {}
  if (literal?.kind === Kind.INT) return Number(literal.value)
  // The older place, where Pothos writes it.
  const written: unknown = value ?? Reflect.get(argument, 'defaultValue')
  return typeof written === 'number' ? written : greatest
}
