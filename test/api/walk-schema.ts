import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'

export interface Walked {
  /** `Query.me`, `User.email` … from the root on. */
  readonly path: readonly string[]
  /** An operation that selects the last of them, by way of the others. */
  readonly source: string
}

/** One operation for every field of every type, each by the shortest way from a root. */
export function walkSchema(schema: GraphQLSchema): readonly Walked[] {
  const seen = new Set<string>()
  const walked: Walked[] = []
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const
  let level: Step[] = roots.flatMap(([kind, type]) =>
    type ? [{ type, path: [], wrap: (inner) => `${kind} ${inner}` }] : [],
  )
  while (level.length > 0) {
    const next: Step[] = []
    for (const step of level) {
      if (seen.has(step.type.name)) continue
      seen.add(step.type.name)
      for (const field of Object.values(step.type.getFields())) {
        const path = [...step.path, `${step.type.name}.${field.name}`]
        const head = `${field.name}${args(field.args)}`
        const result = getNamedType(field.type)
        const wrap = (inner: string) => step.wrap(`{ ${head} ${inner} }`)
        walked.push({ path, source: declareFile(wrap(isCompositeType(result) ? '{ __typename }' : '')) })
        if (isObjectType(result) || isInterfaceType(result)) next.push({ type: result, path, wrap })
        if (!isAbstractType(result)) continue
        const behind = schema.getPossibleTypes(result).flatMap((possible) => [possible, ...possible.getInterfaces()])
        for (const type of behind) next.push({ type, path, wrap: (inner) => wrap(`{ ... on ${type.name} ${inner} }`) })
      }
    }
    level = next
  }
  return walked
}

interface Step {
  readonly type: GraphQLObjectType | GraphQLInterfaceType
  readonly path: readonly string[]
  readonly wrap: (inner: string) => string
}

function args(all: readonly GraphQLArgument[]): string {
  const required = all.filter(isRequiredArgument).map((arg) => `${arg.name}: ${literal(arg.type)}`)
  return required.length === 0 ? '' : `(${required.join(', ')})`
}

/** A file comes in through a variable only. */
const literals: Readonly<Record<string, string>> = { Int: '1', Float: '1', Boolean: 'true', Upload: '$file' }
export const variableValues = { file: { blob: { keep: () => undefined } } }

function declareFile(source: string): string {
  return source.includes('$file') ? source.replace(/^\w+/, '$& ($file: Upload!)') : source
}

/** Some value of the type, as it is written in a document. */
function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType)
  if (isListType(type)) return `[${literal(type.ofType)}]`
  if (isEnumType(type)) return type.getValues()[0]?.name ?? ''
  if (isInputObjectType(type)) {
    const all = Object.values(type.getFields())
    const fields = type.isOneOf ? all.slice(0, 1) : all.filter(isRequiredInputField)
    return `{ ${fields.map((field) => `${field.name}: ${literal(field.type)}`).join(', ')} }`
  }
  return literals[type.name] ?? '"x"'
}
