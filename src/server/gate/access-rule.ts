import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
} from 'graphql'
import type { Principal, Scope } from '../../core/principal.ts'
import { directivesOf, requiredScopes } from './directives.ts'

/** Who may select a field. */
export interface AccessRule {
  /** Open to everybody, as long as no scope is asked for. */
  readonly isPublic: boolean
  /** Each of these must be met: by having one of its lists whole. */
  readonly requirements: readonly (readonly (readonly Scope[])[])[]
  /** Whether an API key may select it at all. */
  readonly isForKeys: boolean
}

/** A type whose fields can be selected. */
export type SelectableType = GraphQLObjectType | GraphQLInterfaceType

/**
 * The rule for a field selected on a type. On an interface it is what every type that may stand behind it asks for,
 * together with what the interface asks for itself: a guard on an object's field holds through its interfaces.
 */
export function accessRule(schema: GraphQLSchema, type: SelectableType, fieldName: string): AccessRule {
  const types = isInterfaceType(type) ? [type, ...schema.getPossibleTypes(type)] : [type]
  const rules = types.map((one) => ownRule(one, one.getFields()[fieldName]))
  return {
    isPublic: rules.every((rule) => rule.isPublic),
    requirements: rules.flatMap((rule) => rule.requirements),
    isForKeys: type !== schema.getMutationType() || rules.every(isAboutWork),
  }
}

/**
 * Whether a mutation asks for a scope of jobs, files or channels. All others are about accounts, the public ways in among
 * them, and no API key ever reaches an account (ASVS 7.2.2).
 */
function isAboutWork({ requirements }: OwnRule): boolean {
  const asked = requirements.flat(2)
  return asked.length > 0 && asked.every((scope) => scope !== 'admin' && scope !== 'account:read')
}

type OwnRule = Omit<AccessRule, 'isForKeys'>

/** What the type and its field say themselves. */
export function ownRule(type: SelectableType, field: GraphQLField<unknown, unknown> | undefined): OwnRule {
  const annotated = field === undefined ? [type] : [type, field]
  return {
    isPublic: annotated.some((one) => directivesOf(one).skipAuth !== null),
    requirements: annotated.map(requiredScopes).filter((scopes) => scopes !== null),
  }
}

export type AccessDenial =
  | 'UNAUTHENTICATED'
  | 'SESSION_REVOKED'
  | 'FORBIDDEN'
  | 'INSUFFICIENT_SCOPE'
  | 'MFA_ENROLMENT_REQUIRED'

/** Why the principal may not select a field with that rule; `null` when they may. */
export function denialOf(principal: Principal, rule: AccessRule): AccessDenial | null {
  if (principal.kind === 'anonymous') {
    const isOpen = rule.isPublic && rule.requirements.length === 0
    return isOpen ? null : (principal.refused ?? 'UNAUTHENTICATED')
  }
  if (principal.kind === 'apiKey' && !rule.isForKeys) return 'FORBIDDEN'
  const isMet = rule.requirements.every((lists) =>
    lists.some((scopes) => scopes.every((scope) => principal.scopes.includes(scope))),
  )
  if (isMet) return null
  return principal.mustEnrol ? 'MFA_ENROLMENT_REQUIRED' : 'INSUFFICIENT_SCOPE'
}
