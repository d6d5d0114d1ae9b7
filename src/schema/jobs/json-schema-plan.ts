import type { JsonSchema } from '../../core/json-schema.ts'
import type { TaskDescription } from '../../ports/compute-pool.ts'
import { isName, readShape, type ScalarName } from './json-schema-form.ts'
import { pascalCase, singular, taskError, type TypeNames } from './type-names.ts'

/** What a value of a task is in GraphQL, with the name of every type that it needs. */
export type PlannedType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarName | 'JSON' }
  | { readonly kind: 'list'; readonly items: Usage }
  | EnumPlan
  | ObjectPlan

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

export interface TypePlan {
  readonly root: Usage
  readonly objects: readonly ObjectPlan[]
  readonly enums: readonly EnumPlan[]
}

/** One of the values of a task, and how the types for it are to be named: `<prefix><Path><suffix>`. */
export interface TaskValue {
  readonly task: TaskDescription
  readonly use: 'input' | 'result' | 'partial result'
  readonly schema: JsonSchema
  readonly prefix: string
  readonly suffix: string
}

/** Where in the value the planning is: its path as people read it (`null` for the whole), the path in type names, and what it lies inside of. */
interface Place {
  readonly path: string | null
  readonly name: string
  /** The paths of the fields beside it in type names. */
  readonly siblings: ReadonlySet<string>
  readonly objects: ReadonlyMap<JsonSchema, ObjectPlan>
  readonly lists: ReadonlySet<JsonSchema>
}

interface Planning extends TaskValue {
  readonly names: TypeNames
  readonly warn: (sentence: string) => void
  readonly objects: ObjectPlan[]
  readonly enums: EnumPlan[]
}

/**
 * Plans the GraphQL types for a value of a task. What has no GraphQL form becomes the JSON scalar, and `warn` hears why.
 * Throws a `TaskFileError` for names that GraphQL does not take or that are taken.
 */
export function planTypes(value: TaskValue, names: TypeNames, warn: (sentence: string) => void): TypePlan {
  const planning: Planning = { ...value, names, warn, objects: [], enums: [] }
  const root = planUsage(planning, value.schema, {
    path: null,
    name: '',
    siblings: new Set(),
    objects: new Map(),
    lists: new Set(),
  })
  return { root, objects: planning.objects, enums: planning.enums }
}

interface DescribedUsage extends Usage {
  readonly description: string
}

function planUsage(planning: Planning, schema: JsonSchema, place: Place): DescribedUsage {
  const { form, nullable, ...read } = readShape(schema, planning.schema)
  const description = read.description ?? `${where(planning, place).replace(/^the/, 'The')}.`
  const usage = (type: PlannedType) => ({ type, nullable, description })
  if (form.kind === 'scalar') return usage(form)
  if (form.kind === 'json') return usage(planJson(planning, form.reason, place))
  if (form.kind === 'enum') return usage(planEnum(planning, form.values, description, place))
  if (form.kind === 'object') return usage(planObject(planning, form.schema, description, place))
  if (place.lists.has(form.schema)) return usage(planJson(planning, 'a list of itself', place))
  return usage({ kind: 'list', items: planUsage(planning, form.items, itemsOf(place, form.schema)) })
}

/** An item of `columns` has its types named after `column`, unless there is such a field as well. */
function itemsOf(place: Place, list: JsonSchema): Place {
  const one = singular(place.name)
  return {
    ...place,
    path: `${place.path ?? ''}[]`,
    name: place.siblings.has(one) ? place.name : one,
    lists: new Set([...place.lists, list]),
  }
}

/** The place in words, such as "`columns[].name` in the result of `profileTable`". */
function where({ use, task }: TaskValue, { path }: Place): string {
  return `${path === null ? '' : `\`${path}\` in `}the ${use} of \`${task.name}\``
}

function planJson(planning: Planning, reason: string | null, place: Place): PlannedType {
  if (reason !== null) {
    planning.warn(
      `${planning.task.file}: ${where(planning, place)} is plain JSON in GraphQL, which has no type for ${reason}.`,
    )
  }
  return { kind: 'scalar', scalar: 'JSON' }
}

function planEnum(planning: Planning, values: readonly string[], description: string, place: Place): EnumPlan {
  const typeName = planning.prefix + (place.name === '' ? planning.suffix : place.name)
  const name = planning.names.claimType(typeName, planning.task, where(planning, place))
  const type: EnumPlan = { kind: 'enum', name, description, values }
  planning.enums.push(type)
  return type
}

function planObject(planning: Planning, schema: JsonSchema, description: string, place: Place): ObjectPlan {
  const known = place.objects.get(schema)
  if (known !== undefined) return known
  const typeName = planning.prefix + place.name + planning.suffix
  const name = planning.names.claimType(typeName, planning.task, where(planning, place))
  const fields: FieldPlan[] = []
  const type: ObjectPlan = { kind: 'object', name, description, fields }
  planning.objects.push(type)
  const inside: Place = {
    ...place,
    siblings: new Set(Object.keys(schema.properties ?? {}).map((field) => place.name + pascalCase(field))),
    objects: new Map([...place.objects, [schema, type]]),
    lists: new Set(),
  }
  for (const [field, fieldSchema] of Object.entries(schema.properties ?? {})) {
    const required = schema.required?.includes(field) ?? false
    fields.push({ ...planField(planning, field, fieldSchema, inside), required, default: fieldSchema.default })
  }
  return type
}

function planField(
  planning: Planning,
  name: string,
  schema: JsonSchema,
  parent: Place,
): DescribedUsage & { name: string } {
  const path = parent.path === null ? name : `${parent.path}.${name}`
  const place = { ...parent, path, name: parent.name + pascalCase(name) }
  if (!isName(name)) {
    throw taskError(planning.task, `${where(planning, place)} has a name that GraphQL does not take. ${nameRule}`)
  }
  return { ...planUsage(planning, schema, place), name }
}

const nameRule =
  'A name is made of letters, digits and underscores and begins with neither a digit nor two underscores.'
