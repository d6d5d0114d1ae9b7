import { type EnumRef, InputListRef, InputObjectRef, type InputType } from '@pothos/core'
import type { Builder, BuilderTypes } from '../builder.ts'
import { printedDefault } from './json-schema-default.ts'
import { addEnums } from './json-schema-enums.ts'
import { refOf } from './ref-of.ts'
import type { FieldPlan, PlannedType, TypePlan } from './type-plan.ts'

/** The type for a member of a union that has nothing to be filled in. */
export type ChosenRef = EnumRef<BuilderTypes, string>

/** Adds the input types of a plan; answers the type of its root. */
export function addInputTypes(builder: Builder, plan: TypePlan, chosen: ChosenRef): InputType<BuilderTypes> {
  const enums = addEnums(builder, plan.enums)
  const inputRef = ({ name }: { readonly name: string }) => new InputObjectRef<BuilderTypes, Values>(name)
  const objects = new Map(plan.objects.map((object) => [object, inputRef(object)]))
  const unions = new Map(plan.unions.map((union) => [union, inputRef(union)]))
  const typeOf = (type: PlannedType): InputType<BuilderTypes> => {
    if (type.kind === 'scalar') return nameOf(type)
    if (type.kind === 'list')
      return new InputListRef<BuilderTypes, unknown[]>(typeOf(type.items.type), !type.items.nullable)
    if (type.kind === 'enum') return refOf(enums, type)
    return type.kind === 'object' ? refOf(objects, type) : refOf(unions, type)
  }
  for (const [{ description, fields }, ref] of objects) {
    builder.inputType(ref, {
      description,
      fields: (t) =>
        Object.fromEntries(fields.map((field) => [field.name, t.field(inputField(field, typeOf(field.type)))])),
    })
  }
  for (const [{ description, members }, ref] of unions) {
    builder.inputType(ref, {
      description: `${description} Takes exactly one of the fields.`,
      isOneOf: true,
      fields: (t) =>
        Object.fromEntries(
          members.map(({ name, object, description }) => [
            name,
            t.field({ type: object === null ? chosen : typeOf(object), description, required: false }),
          ]),
        ),
    })
  }
  return typeOf(plan.root.type)
}

type Values = Record<string, unknown>

function nameOf({ scalar }: Extract<PlannedType, { kind: 'scalar' }>) {
  if (scalar === 'Artifact') throw new TypeError('An input names a file by its id: the plan is of a result.')
  return scalar
}

function inputField(field: FieldPlan, type: InputType<BuilderTypes>) {
  const defaultValue = printedDefault(field)
  return {
    type,
    description: field.description,
    required: field.required && !field.nullable,
    ...(defaultValue === undefined ? {} : { defaultValue }),
  }
}
