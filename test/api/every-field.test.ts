import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
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
  Kind,
  parse,
  validate,
  valueFromASTUntyped,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { anonymous, type Principal, scopes } from '../../src/core/principal.ts'
import { printPublicSchema } from '../../src/schema/print-schema.ts'
import { createSchema } from '../../src/schema/index.ts'
import { assertSchemaGuarded, publicRootFields } from '../../src/server/gate/assert-schema-guarded.ts'
import { describeTask } from '../support/fake-pool.ts'
import { createRunGuarded, refusalsOf, somebody } from '../unit/gate/run-guarded.ts'

const { schema } = createSchema([describeTask('double')])

interface Walked {
  /** `Query.me`, `User.email` … from the root on. */
  readonly path: readonly string[]
  /** An operation that selects the last of them, by way of the others. */
  readonly source: string
}

/** One operation for every field of every type, each by the shortest way from a root. */
function walk(): readonly Walked[] {
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
const variableValues = { file: { blob: { keep: () => undefined } } }

function declareFile(source: string): string {
  return source.includes('$file') ? source.replace(/^\w+/, '$& ($file: Upload!)') : source
}

/** Some value of the type, as it is written in a document. */
function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType)
  if (isListType(type)) return `[${literal(type.ofType)}]`
  if (isEnumType(type)) return type.getValues()[0]?.name ?? ''
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(isRequiredInputField)
    return `{ ${fields.map((field) => `${field.name}: ${literal(field.type)}`).join(', ')} }`
  }
  return literals[type.name] ?? '"x"'
}

/** What the printed schema says, which is what people read. */
const printed = parse(printPublicSchema(schema))

interface Rule {
  readonly isPublic: boolean
  readonly requirements: readonly (readonly (readonly string[])[])[]
}

const rules = new Map<string, Rule>()
for (const type of printed.definitions) {
  if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
  for (const field of type.fields ?? [])
    rules.set(`${type.name.value}.${field.name.value}`, ruleOf(type.directives ?? [], field))
}

function ruleOf(ofType: readonly ConstDirectiveNode[], field: FieldDefinitionNode): Rule {
  const directives = [...ofType, ...(field.directives ?? [])]
  return {
    isPublic: directives.some(({ name }) => name.value === 'skipAuth'),
    requirements: directives
      .filter(({ name }) => name.value === 'requiresScopes')
      .map(({ arguments: given }) => {
        const [value] = given ?? []
        return value === undefined ? [] : (valueFromASTUntyped(value.value) as string[][]) // the directive's own type
      }),
  }
}

/** What a field asks for; on an interface, also what it asks for on each type behind it. */
function rulesOf(name: string): readonly Rule[] {
  const [typeName = '', fieldName = ''] = name.split('.')
  const type = schema.getType(typeName)
  const behind = isInterfaceType(type)
    ? schema.getPossibleTypes(type).map((object) => `${object.name}.${fieldName}`)
    : []
  return [name, ...behind].map((one) => rules.get(one)).filter((rule) => rule !== undefined)
}

function expected(path: readonly string[], principal: Principal): string | null {
  const own = path.flatMap(rulesOf)
  if (principal.kind === 'anonymous') {
    const isOpen = own.every((rule) => rule.isPublic && rule.requirements.length === 0)
    return isOpen ? null : (principal.refused ?? 'UNAUTHENTICATED')
  }
  const has = (scope: string) => principal.scopes.some((own) => own === scope)
  const isMet = own.every((rule) => rule.requirements.every((lists) => lists.some((list) => list.every(has))))
  return isMet ? null : 'INSUFFICIENT_SCOPE'
}

const principals: Readonly<Record<string, Principal>> = {
  'somebody who is not signed in': anonymous,
  'somebody whose session has ended': { kind: 'anonymous', refused: 'SESSION_REVOKED' },
  'a credential without any scope': somebody(),
  ...Object.fromEntries(scopes.map((scope) => [`a credential with ${scope} only`, somebody(scope)])),
  'a user': somebody(...scopes.filter((scope) => scope !== 'admin')),
  'an administrator': somebody(...scopes),
}

const fields = walk()

describe('every field of the schema', () => {
  it('is reached by the walk below, in operations that are valid', () => {
    expect(() => assertSchemaGuarded(schema)).not.toThrow()
    const reached = new Set(fields.map(({ path }) => path.at(-1)))
    expect([...rules.keys()].filter((name) => !reached.has(name))).toEqual([])
    expect(fields.flatMap(({ source }) => validate(schema, parse(source)).map(({ message }) => message))).toEqual([])
  })

  it('is closed to who is not signed in, but for the ways in and out and what they answer', () => {
    const open = fields.filter(({ path }) => expected(path, anonymous) === null)
    expect(new Set(open.map(({ path }) => path[0]))).toEqual(new Set(publicRootFields))
  })

  it.each(Object.entries(principals))(
    'is answered by the gate as the printed schema says, for %s',
    async (_who, principal) => {
      // What is let through is not run: this is about the gate alone.
      const run = createRunGuarded(schema, { execute: () => ({ data: {} }), subscribe: () => ({ data: {} }) })
      for (const { path, source } of fields) {
        const codes = refusalsOf(await run({ source, variableValues }, principal))
        const code = expected(path, principal)
        expect([path.join(' '), new Set(codes)]).toEqual([path.join(' '), new Set(code === null ? [] : [code])])
      }
    },
  )
})
