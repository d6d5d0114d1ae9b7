import type { FieldPlan, PlannedType, Usage } from './type-plan.ts'

/**
 * The default of an input field as GraphQL is to have it: a scalar, an enum value, a list of them, or null where that is
 * allowed. `undefined` where there is none, and for what cannot stand in the schema: the task's own schema fills that in.
 */
export function printedDefault(field: FieldPlan): unknown {
  return field.default === undefined || !isPrintable(field.default, field)
    ? undefined
    : inside(field.default, field.type)
}

function isPrintable(value: unknown, { type, nullable }: Usage): boolean {
  if (value === null) return nullable
  if (type.kind === 'list') return Array.isArray(value) && value.every((item) => isPrintable(item, type.items))
  return isLeaf(value, type)
}

function isLeaf(value: unknown, type: PlannedType): boolean {
  if (type.kind === 'enum') return type.values.some((name) => name === value)
  return type.kind === 'scalar' && leafTests[type.scalar](value)
}

const isText = (value: unknown): value is string => typeof value === 'string'

const leafTests = {
  ID: isText,
  String: isText,
  Boolean: (value: unknown) => typeof value === 'boolean',
  Float: (value: unknown) => Number.isFinite(value),
  Int: (value: unknown) => Number.isInteger(value),
  DateTime: (value: unknown) => isText(value) && !Number.isNaN(Date.parse(value)),
  Date: isText,
  // Any value would do, but SDL has no literal that every reader of it takes as JSON.
  JSON: () => false,
  // Of results only.
  Artifact: () => false,
}

/** Within the server, a `DateTime` is in ms. */
function inside(value: unknown, type: PlannedType): unknown {
  if (Array.isArray(value) && type.kind === 'list') return value.map((item) => inside(item, type.items.type))
  return type.kind === 'scalar' && type.scalar === 'DateTime' && isText(value) ? Date.parse(value) : value
}
