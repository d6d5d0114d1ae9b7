import {
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql'
import { scopes } from '../../core/principal.ts'
import { ownRule, type SelectableType } from './access-rule.ts'
import { type Annotated, directivesOf } from './directives.ts'

/** The fields of the root types that are open to everybody: the ways in, the way out of a dead session, public channels, and whether there is maintenance. */
export const publicRootFields: readonly string[] = [
  'Query.authMethods',
  'Query.maintenance',
  'Mutation.signIn',
  'Mutation.refreshTokens',
  'Mutation.completeMfa',
  'Mutation.signOut',
  'Mutation.signUp',
  'Mutation.startPasskeySignIn',
  'Mutation.finishPasskeySignIn',
  'Mutation.startOAuthSignIn',
  'Mutation.exchangeOAuthCode',
  'Mutation.verifyEmail',
  'Mutation.resendEmailVerification',
  'Mutation.requestPasswordReset',
  'Mutation.resetPassword',
  'Mutation.confirmEmailChange',
  'Mutation.undoEmailChange',
  'Subscription.channel',
]

/** A schema whose access rules do not say what they seem to say. The message lists everything that is wrong. */
export class SchemaNotGuardedError extends Error {
  readonly code = 'SCHEMA_NOT_GUARDED'

  constructor(faults: readonly string[]) {
    super(`The schema's access rules are wrong:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.name = 'SchemaNotGuardedError'
  }
}

/**
 * Checks when a schema is built that the gate will do what its directives say: none is unknown, misplaced or malformed; only
 * the listed root fields are public; no guard of an object is missing on its interface. Throws a `SchemaNotGuardedError`.
 */
export function assertSchemaGuarded(schema: GraphQLSchema, publicFields: readonly string[] = publicRootFields): void {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type))
  const faults = [
    ...types.flatMap((type) => (isSelectable(type) ? faultsOfSelectable(type) : faultsOfOther(type))),
    ...faultsOfRoots(schema, publicFields),
    ...types.filter(isInterfaceType).flatMap((type) => faultsOfInterface(schema, type)),
  ]
  if (faults.length > 0) throw new SchemaNotGuardedError(faults)
}

function isSelectable(type: GraphQLNamedType): type is SelectableType {
  return isObjectType(type) || isInterfaceType(type)
}

function faultsOfSelectable(type: SelectableType): readonly string[] {
  const fields = Object.values(type.getFields())
  return [
    ...faultsOfDirectives(type, type.name),
    ...fields.flatMap((field) => faultsOfDirectives(field, `${type.name}.${field.name}`)),
    ...fields.flatMap((field) =>
      field.args.flatMap((arg) => misplaced(arg, `${type.name}.${field.name}(${arg.name}:)`)),
    ),
    ...fields.flatMap((field) => {
      const rule = ownRule(type, field)
      const isBoth = rule.isPublic && rule.requirements.length > 0
      return isBoth ? [`${type.name}.${field.name} is open to everybody and asks for scopes.`] : []
    }),
  ]
}

function faultsOfDirectives(annotated: Annotated, name: string): readonly string[] {
  const { skipAuth, requiresScopes, others } = directivesOf(annotated)
  const faults = others.map((other) => `${name} has the unknown directive @${other}.`)
  if (skipAuth !== null && !isEmptyObject(skipAuth)) faults.push(`${name} has a @skipAuth with arguments.`)
  return requiresScopes === null ? faults : [...faults, ...faultsOfScopes(requiresScopes, name)]
}

function faultsOfScopes(args: unknown, name: string): readonly string[] {
  const lists: unknown = typeof args === 'object' && args !== null && 'scopes' in args ? args.scopes : null
  // The flat form, which looks right, is answered with 500 or lets through what it should not.
  const isListOfLists = (value: unknown): value is unknown[][] =>
    Array.isArray(value) && value.length > 0 && value.every((list) => Array.isArray(list) && list.length > 0)
  if (!isListOfLists(lists)) return [`${name} needs @requiresScopes(scopes: [["…"]]), a list of lists.`]
  const unknown = lists.flat().filter((scope) => !scopes.some((known) => known === scope))
  return unknown.map((scope) => `${name} asks for the unknown scope ${JSON.stringify(scope)}.`)
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** Types whose fields nobody selects: a directive there would be without effect. */
function faultsOfOther(type: GraphQLNamedType): readonly string[] {
  return [
    ...misplaced(type, type.name),
    ...membersOf(type).flatMap((member) => misplaced(member, `${type.name}.${member.name}`)),
  ]
}

function membersOf(type: GraphQLNamedType): readonly (Annotated & { readonly name: string })[] {
  if (isEnumType(type)) return type.getValues()
  return isInputObjectType(type) ? Object.values(type.getFields()) : []
}

function misplaced(annotated: Annotated, name: string): readonly string[] {
  const { skipAuth, requiresScopes, others } = directivesOf(annotated)
  const isMarked = skipAuth !== null || requiresScopes !== null || others.length > 0
  return isMarked ? [`${name} has a directive, which the gate does not read there.`] : []
}

function faultsOfRoots(schema: GraphQLSchema, publicFields: readonly string[]): readonly string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter((root) => !!root)
  const open = roots.flatMap((root) =>
    Object.values(root.getFields())
      .filter((field) => ownRule(root, field).isPublic)
      .map((field) => `${root.name}.${field.name}`),
  )
  return [
    ...roots.filter((root) => ownRule(root, undefined).isPublic).map((root) => `${root.name} is open as a whole.`),
    ...open
      .filter((name) => !publicFields.includes(name))
      .map((name) => `${name} is open to everybody, but not listed as such.`),
    ...publicFields
      .filter((name) => !open.includes(name))
      .map((name) => `${name} is listed as open to everybody, but is not.`),
  ]
}

/** The gate asks for both, but who reads the schema would take the interface's rule for the whole of it. */
function faultsOfInterface(schema: GraphQLSchema, type: GraphQLInterfaceType): readonly string[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const seen = ownRule(type, field)
    const known = new Set(seen.requirements.map((lists) => JSON.stringify(lists)))
    return schema.getPossibleTypes(type).flatMap((object) => {
      const rule = ownRule(object, object.getFields()[field.name])
      const isStricter =
        (seen.isPublic && !rule.isPublic) || rule.requirements.some((lists) => !known.has(JSON.stringify(lists)))
      return isStricter
        ? [`${object.name}.${field.name} is guarded, but can be selected through ${type.name} without that guard.`]
        : []
    })
  })
}
