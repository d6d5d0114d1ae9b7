import type { PlannedType, Usage } from './json-schema-plan.ts'

/** Whether a default can stand in the schema: a scalar, an enum value, a list of them, or null where that is allowed. */
export function isPrintableDefault(value: unknown, { type, nullable }: Usage): boolean {
  if (value === null) return nullable
  if (type.kind === 'list') return Array.isArray(value) && value.every((item) => isPrintableDefault(item, type.items))
  return isLeaf(value, type)
}

function isLeaf(value: unknown, type: PlannedType): boolean {
  if (type.kind === 'enum') return type.values.some((name) => name === value)
  return type.kind === 'scalar' && leafTests[type.scalar](value)
}

const isText = (value: unknown) => typeof value === 'string'

const leafTests = {
  ID: isText,
  String: isText,
  Boolean: (value: unknown) => typeof value === 'boolean',
  Float: (value: unknown) => Number.isFinite(value),
  Int: (value: unknown) => Number.isInteger(value),
  // Any value would do, but SDL has no literal that every reader of it takes as JSON.
  JSON: () => false,
}
