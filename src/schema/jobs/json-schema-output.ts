import { ListRef, type OutputRefShape } from '@pothos/core'
import { requiresOneOf } from '../access.ts'
import type { Builder, BuilderTypes } from '../builder.ts'
import { addEnums } from './json-schema-enums.ts'
import type { ScalarName } from './json-schema-form.ts'
import type { PlannedType, TypePlan } from './json-schema-plan.ts'
import { refOf } from './ref-of.ts'

/** A type for values that are known as JSON only; scalars go by their names. */
export type JsonType = ScalarName | 'JSON' | OutputRefShape<unknown>

/** Adds the output types of a plan, for values that are JSON; answers the type of its root. */
export function addOutputTypes(builder: Builder, plan: TypePlan): JsonType {
  const enums = addEnums(builder, plan.enums)
  const objects = new Map(plan.objects.map((object) => [object, builder.objectRef<unknown>(object.name)]))
  const typeOf = (type: PlannedType): JsonType => {
    if (type.kind === 'scalar') return type.scalar
    if (type.kind === 'list') return new ListRef<BuilderTypes, unknown[]>(typeOf(type.items.type), type.items.nullable)
    return type.kind === 'enum' ? refOf(enums, type) : refOf(objects, type)
  }
  for (const [{ description, fields }, ref] of objects) {
    ref.implement({
      description,
      directives: requiresOneOf('jobs:read'),
      fields: (t) =>
        Object.fromEntries(
          fields.map(({ name, description, type, required, nullable }) => [
            name,
            t.field({
              type: typeOf(type),
              nullable: !required || nullable,
              description,
              resolve: (value) => property(value, name),
            }),
          ]),
        ),
    })
  }
  return typeOf(plan.root.type)
}

/** Only what the JSON itself has: not `constructor` and its like, which every object inherits. */
function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return null
  return Object.getOwnPropertyDescriptor(value, name)?.value ?? null
}
