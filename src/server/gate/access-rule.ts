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
  }
}

/** What the type and its field say themselves. */
export function ownRule(type: SelectableType, field: GraphQLField<unknown, unknown> | undefined): AccessRule {
  const annotated = field === undefined ? [type] : [type, field]
  return {
    isPublic: annotated.some((one) => directivesOf(one).skipAuth !== null),
    requirements: annotated.map(requiredScopes).filter((scopes) => scopes !== null),
  }
}

export type AccessDenial = 'UNAUTHENTICATED' | 'SESSION_REVOKED' | 'INSUFFICIENT_SCOPE'

/** Why the principal may not select a field with that rule; `null` when they may. */
export function denialOf(principal: Principal, rule: AccessRule): AccessDenial | null {
  if (principal.kind === 'anonymous') {
    const isOpen = rule.isPublic && rule.requirements.length === 0
    return isOpen ? null : (principal.refused ?? 'UNAUTHENTICATED')
  }
  const isMet = rule.requirements.every((lists) =>
    lists.some((scopes) => scopes.every((scope) => principal.scopes.includes(scope))),
  )
  return isMet ? null : 'INSUFFICIENT_SCOPE'
}
