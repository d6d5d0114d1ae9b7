import { ownProperty } from './own-property.ts'
import type { MemberPlan, ObjectPlan, PlannedType, UnionPlan } from './type-plan.ts'

/**
 * The input of a task's mutation as the task's own schema has it: a member of a union with the constants that tell it
 * apart, moments as ISO texts in UTC with milliseconds.
 */
export function toTaskInput(value: unknown, type: PlannedType): unknown {
  if (value === null || value === undefined) return value
  switch (type.kind) {
    case 'enum':
      return value
    case 'scalar':
      return type.scalar === 'DateTime' ? new Date(Number(value)).toISOString() : value
    case 'list':
      return Array.isArray(value) ? value.map((item: unknown) => toTaskInput(item, type.items.type)) : value
    case 'object':
      return fieldsOf(value, type)
    case 'union': {
      const chosen = chosenOf(value, type)
      if (chosen === null) return value
      const constants = Object.fromEntries(chosen.constants)
      return chosen.object === null
        ? constants
        : { ...constants, ...fieldsOf(ownProperty(value, chosen.name), chosen.object) }
    }
  }
}

function fieldsOf(value: unknown, { fields }: ObjectPlan): Readonly<Record<string, unknown>> {
  const types = new Map(fields.map(({ name, type }) => [name, type]))
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value ?? {})
  return Object.fromEntries(
    entries.map(([name, inner]) => {
      const type = types.get(name)
      return [name, type === undefined ? inner : toTaskInput(inner, type)]
    }),
  )
}

/** Where in the input of the mutation lies what the task's own schema has at the path. */
export function toInputPath(path: readonly string[], value: unknown, type: PlannedType): readonly string[] {
  const [head, ...rest] = path
  if (head === undefined) return []
  if (type.kind === 'list') return [head, ...toInputPath(rest, ownProperty(value, head), type.items.type)]
  if (type.kind === 'object') {
    const field = type.fields.find(({ name }) => name === head)
    return field === undefined ? path : [head, ...toInputPath(rest, ownProperty(value, head), field.type)]
  }
  const chosen = type.kind === 'union' ? chosenOf(value, type) : null
  if (chosen === null) return path
  // What is wrong with a constant is wrong with the choice.
  if (chosen.object === null || chosen.constants.has(head)) return [chosen.name]
  return [chosen.name, ...toInputPath(path, ownProperty(value, chosen.name), chosen.object)]
}

/** The member whose field is given: GraphQL takes exactly one, and not null. */
function chosenOf(value: unknown, { members }: UnionPlan): MemberPlan | null {
  return members.find(({ name }) => ownProperty(value, name) !== null) ?? null
}
