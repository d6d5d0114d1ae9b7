import { InputListRef, InputObjectRef, type InputType } from '@pothos/core'
import type { Builder, BuilderTypes } from '../builder.ts'
import { isPrintableDefault } from './json-schema-default.ts'
import { addEnums } from './json-schema-enums.ts'
import type { FieldPlan, PlannedType, TypePlan } from './json-schema-plan.ts'
import { refOf } from './ref-of.ts'

/** Adds the input types of a plan; answers the type of its root. */
export function addInputTypes(builder: Builder, plan: TypePlan): InputType<BuilderTypes> {
  const enums = addEnums(builder, plan.enums)
  const objects = new Map(plan.objects.map((object) => [object, new InputObjectRef<BuilderTypes, Values>(object.name)]))
  const typeOf = (type: PlannedType): InputType<BuilderTypes> => {
    if (type.kind === 'scalar') return type.scalar
    if (type.kind === 'list')
      return new InputListRef<BuilderTypes, unknown[]>(typeOf(type.items.type), !type.items.nullable)
    return type.kind === 'enum' ? refOf(enums, type) : refOf(objects, type)
  }
  for (const [{ description, fields }, ref] of objects) {
    builder.inputType(ref, {
      description,
      fields: (t) =>
        Object.fromEntries(fields.map((field) => [field.name, t.field(inputField(field, typeOf(field.type)))])),
    })
  }
  return typeOf(plan.root.type)
}

type Values = Record<string, unknown>

function inputField(field: FieldPlan, type: InputType<BuilderTypes>) {
  const isPrinted = field.default !== undefined && isPrintableDefault(field.default, field)
  return {
    type,
    description: field.description,
    required: field.required && !field.nullable,
    ...(isPrinted ? { defaultValue: field.default } : {}),
  }
}
