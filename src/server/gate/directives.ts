import type { Scope } from '../../core/principal.ts'

/** Something that Pothos applies directives to: a type, a field, an argument, an enum value. */
export interface Annotated {
  readonly extensions: object
}

/** Directives in a schema that say who may select what. `null` where there is none; `unknown` until the schema was checked. */
export interface AppliedDirectives {
  readonly skipAuth: unknown
  readonly requiresScopes: unknown
  /** The names of all others. */
  readonly others: readonly string[]
}

/** Reads the directives where `@pothos/plugin-directives` leaves them: an object of arguments by name, or a list of such. */
export function directivesOf({ extensions }: Annotated): AppliedDirectives {
  const applied = 'directives' in extensions ? extensions.directives : null
  const entries = typeof applied === 'object' && applied !== null ? Object.entries(applied) : []
  const byName = new Map<string, unknown>(entries)
  const others = [...byName.keys()].filter((name) => name !== 'skipAuth' && name !== 'requiresScopes')
  return { skipAuth: byName.get('skipAuth') ?? null, requiresScopes: byName.get('requiresScopes') ?? null, others }
}

/** The lists of scopes of a `@requiresScopes`, one of which must be had whole; `null` when there is none. Trusts a checked schema. */
export function requiredScopes(annotated: Annotated): readonly (readonly Scope[])[] | null {
  const { requiresScopes } = directivesOf(annotated)
  if (typeof requiresScopes !== 'object' || requiresScopes === null || !('scopes' in requiresScopes)) return null
  return requiresScopes.scopes as readonly (readonly Scope[])[] // `assertSchemaGuarded` has seen that it is
}
