import { ListRef, type OutputRefShape } from '@pothos/core'
import { requiresOneOf } from '../access.ts'
import type { Builder, BuilderTypes } from '../builder.ts'
import type { ArtifactRef } from './artifact.ts'
import { addEnums } from './json-schema-enums.ts'
import type { ScalarName } from './json-schema-form.ts'
import { ownProperty } from './own-property.ts'
import { type Outward, outwardOf } from './outward.ts'
import { refOf } from './ref-of.ts'
import type { PlannedType, TypePlan, UnionPlan, Usage } from './type-plan.ts'

/** A type for values that are known as JSON only; scalars go by their names. */
export type JsonType = ScalarName | 'JSON' | OutputRefShape<unknown>

/** What a field of such a type is made with. */
export interface OutputField {
  readonly type: JsonType
  readonly nullable: boolean
  /** What the field answers for the JSON that is there. */
  readonly outward: Outward
}

/** Adds the output types of a plan, for values that are JSON; answers what a field for its root is made with. */
export function addOutputTypes(builder: Builder, plan: TypePlan, artifact: ArtifactRef): OutputField {
  const enums = addEnums(builder, plan.enums)
  const objects = new Map(plan.objects.map((object) => [object, builder.objectRef<unknown>(object.name)]))
  const unions = new Map(
    plan.unions.map((union) => {
      const types = () => union.members.flatMap(({ object }) => (object === null ? [] : [refOf(objects, object)]))
      const { description } = union
      return [
        union,
        builder.unionType(union.name, { description, types, resolveType: (value) => nameOf(union, value) }),
      ]
    }),
  )
  const typeOf = (type: PlannedType): JsonType => {
    if (type.kind === 'scalar') return type.scalar === 'Artifact' ? artifact : type.scalar
    if (type.kind === 'list') return new ListRef<BuilderTypes, unknown[]>(typeOf(type.items.type), type.items.nullable)
    if (type.kind === 'enum') return refOf(enums, type)
    return type.kind === 'object' ? refOf(objects, type) : refOf(unions, type)
  }
  const fieldOf = ({ type, nullable }: Usage): OutputField => ({
    type: typeOf(type),
    nullable,
    outward: outwardOf(type),
  })
  for (const [{ description, fields }, ref] of objects) {
    ref.implement({
      description,
      directives: requiresOneOf('jobs:read'),
      fields: (t) =>
        Object.fromEntries(
          fields.map(({ name, description, required, ...usage }) => {
            const { type, nullable, outward } = fieldOf(usage)
            const field = t.field({
              type,
              nullable: !required || nullable,
              description,
              ...(isFile(usage.type) ? { directives: requiresOneOf('artifacts:read') } : {}),
              resolve: (value, _arguments, context) => outward(ownProperty(value, name), context),
            })
            return [name, field]
          }),
        ),
    })
  }
  return fieldOf(plan.root)
}

function nameOf({ members }: UnionPlan, value: unknown): string | undefined {
  const isMeant = ([key, constant]: readonly [string, unknown]) => ownProperty(value, key) === constant
  return members.find(({ constants }) => [...constants].every(isMeant))?.object?.name
}

/** Whether it is a file, or a list of files. */
function isFile(type: PlannedType): boolean {
  return type.kind === 'list' ? isFile(type.items.type) : type.kind === 'scalar' && type.scalar === 'Artifact'
}
