import {
  type GraphQLSchema,
  type InterfaceTypeDefinitionNode,
  isInterfaceType,
  isObjectType,
  lexicographicSortSchema,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  printSchema,
  valueToLiteral,
  visit,
} from 'graphql'

/** The schema as SDL, sorted, with descriptions and with the directives that say who may select what. Ends with a newline. */
export function printPublicSchema(schema: GraphQLSchema): string {
  const sorted = lexicographicSortSchema(schema)
  const sdl = printSchema(sorted)
  const insertions: Insertion[] = []
  const enter = (node: Composite) => void insertions.push(...insertionsInto(node, sorted))
  visit(parse(sdl), { ObjectTypeDefinition: enter, InterfaceTypeDefinition: enter })
  return `${withInsertions(sdl, insertions)}\n`
}

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode

type Extensions = Readonly<Record<PropertyKey, unknown>>

interface Insertion {
  readonly at: number
  readonly text: string
}

/** graphql-js prints no applied directives (and printing a syntax tree loses the blank lines), so they are put in. */
function insertionsInto(node: Composite, schema: GraphQLSchema): readonly Insertion[] {
  const type = schema.getType(node.name.value)
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  const fields = type.getFields()
  const head = node.interfaces?.at(-1) ?? node.name
  return [
    { at: head.loc?.end ?? 0, text: appliedDirectives(type.extensions, schema) },
    ...(node.fields ?? []).map((field) => ({
      at: field.type.loc?.end ?? 0,
      text: appliedDirectives(fields[field.name.value]?.extensions, schema),
    })),
  ]
}

/** Pothos keeps the directives of a type or field in its extensions, by their names. */
function appliedDirectives(extensions: Extensions | undefined, schema: GraphQLSchema): string {
  const directives: unknown = extensions?.['directives']
  if (typeof directives !== 'object' || directives === null) return ''
  return Object.entries(directives)
    .map(([name, values]: [string, unknown]) => ` @${name}${directiveArguments(schema, name, values)}`)
    .join('')
}

function directiveArguments(schema: GraphQLSchema, name: string, values: unknown): string {
  const directive = schema.getDirective(name)
  if (!directive) throw new TypeError(`The schema applies the directive @${name}, which it does not define.`)
  const given = new Map<string, unknown>(Object.entries(values ?? {}))
  const printed = directive.args.flatMap((argument) => {
    const value = valueToLiteral(given.get(argument.name), argument.type)
    return value ? [`${argument.name}: ${print(value)}`] : []
  })
  return printed.length === 0 ? '' : `(${printed.join(', ')})`
}

function withInsertions(text: string, insertions: readonly Insertion[]): string {
  const ordered = insertions.toSorted((a, b) => a.at - b.at)
  const pieces = ordered.map(({ at, text: inserted }, index) => text.slice(ordered[index - 1]?.at ?? 0, at) + inserted)
  return pieces.join('') + text.slice(ordered.at(-1)?.at ?? 0)
}
