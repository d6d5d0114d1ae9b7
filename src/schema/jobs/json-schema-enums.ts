import type { Builder } from '../builder.ts'
import type { EnumPlan } from './type-plan.ts'

/** Adds the enums of a plan. A value inside the server is the text that the task's schema has, which says no more of it. */
export function addEnums(builder: Builder, plans: readonly EnumPlan[]) {
  return new Map(plans.map((plan) => [plan, addEnum(builder, plan)]))
}

function addEnum(builder: Builder, { name, description, values }: EnumPlan) {
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(values.map((value) => [value, { value }])),
  })
}
