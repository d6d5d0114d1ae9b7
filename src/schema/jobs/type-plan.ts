import type { ScalarName } from './json-schema-form.ts'

/** What a value of a task is in GraphQL, with the name of every type that it needs. */
export type PlannedType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarName | 'JSON' | 'Artifact' }
  | { readonly kind: 'list'; readonly items: Usage }
  | EnumPlan
  | ObjectPlan
  | UnionPlan

export interface Usage {
  readonly type: PlannedType
  readonly nullable: boolean
}

export interface EnumPlan {
  readonly kind: 'enum'
  readonly name: string
  readonly description: string
  readonly values: readonly string[]
}

/** An object type; recursive schemas make it part of itself. */
export interface ObjectPlan {
  readonly kind: 'object'
  readonly name: string
  readonly description: string
  readonly fields: readonly FieldPlan[]
}

export interface FieldPlan extends Usage {
  readonly name: string
  readonly description: string
  /** Whether the value must be there; it may still be null. */
  readonly required: boolean
  /** The value that stands for a missing one; `undefined` where there is none. */
  readonly default: unknown
}

/** One of several objects: a union of a result, a `@oneOf` input. */
export interface UnionPlan {
  readonly kind: 'union'
  readonly name: string
  readonly description: string
  readonly members: readonly MemberPlan[]
}

export interface MemberPlan {
  /** The field of the input that chooses it. */
  readonly name: string
  readonly description: string
  /** What tells it from the others: properties with their values. An input does not repeat them. */
  readonly constants: ReadonlyMap<string, unknown>
  /** `null` for what has no other properties in an input: it is only chosen. */
  readonly object: ObjectPlan | null
}

export interface TypePlan {
  readonly root: Usage
  readonly objects: readonly ObjectPlan[]
  readonly enums: readonly EnumPlan[]
  readonly unions: readonly UnionPlan[]
}
