import type { JsonSchema } from '../../core/json-schema.ts'
import type { TaskDescription } from '../../ports/compute-pool.ts'
import { describe, type Form, readShape } from './json-schema-form.ts'
import type { UnionMember } from './json-schema-members.ts'
import type {
  EnumPlan,
  FieldPlan,
  MemberPlan,
  ObjectPlan,
  PlannedType,
  TypePlan,
  UnionPlan,
  Usage,
} from './type-plan.ts'
import { isName, pascalCase, singular, taskError, type TypeNames } from './type-names.ts'

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
  readonly outer: ReadonlyMap<JsonSchema, ObjectPlan | UnionPlan>
  readonly lists: ReadonlySet<JsonSchema>
}

interface Planning extends TaskValue {
  readonly names: TypeNames
  readonly warn: (sentence: string) => void
  readonly objects: ObjectPlan[]
  readonly enums: EnumPlan[]
  readonly unions: UnionPlan[]
}

/**
 * Plans the GraphQL types for a value of a task. What has no GraphQL form becomes the JSON scalar, and `warn` hears why.
 * Throws a `TaskFileError` for names that GraphQL does not take or that are taken.
 */
export function planTypes(value: TaskValue, names: TypeNames, warn: (sentence: string) => void): TypePlan {
  const planning: Planning = { ...value, names, warn, objects: [], enums: [], unions: [] }
  const root = planUsage(planning, value.schema, {
    path: null,
    name: '',
    siblings: new Set(),
    outer: new Map(),
    lists: new Set(),
  })
  return { root, objects: planning.objects, enums: planning.enums, unions: planning.unions }
}

interface DescribedUsage extends Usage {
  readonly description: string
}

function planUsage(planning: Planning, schema: JsonSchema, place: Place): DescribedUsage {
  const { form, nullable, ...read } = readShape(schema, planning.schema)
  const description = read.description ?? `${capital(where(planning, place))}.`
  const type = planForm(planning, form, description, place)
  // A file that was made may have been removed since.
  return { type, nullable: nullable || (type.kind === 'scalar' && type.scalar === 'Artifact'), description }
}

function planForm(planning: Planning, form: Form, description: string, place: Place): PlannedType {
  switch (form.kind) {
    case 'scalar':
      return form.scalar === 'ID' && planning.use !== 'input' ? { kind: 'scalar', scalar: 'Artifact' } : form
    case 'json':
      return planJson(planning, form.reason, place)
    case 'enum':
      return planEnum(planning, form.values, description, place)
    case 'object':
    case 'union': {
      const outer = place.outer.get(form.schema)
      if (outer !== undefined) return outer
      return form.kind === 'object'
        ? planObject(planning, form.schema, description, place)
        : planUnion(planning, form, description, place)
    }
    case 'list':
      if (place.lists.has(form.schema)) return planJson(planning, 'a list of itself', place)
      return { kind: 'list', items: planUsage(planning, form.items, itemsOf(place, form.schema)) }
  }
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
  const fields: FieldPlan[] = []
  const type: ObjectPlan = { kind: 'object', name: claim(planning, place), description, fields }
  planning.objects.push(type)
  const outer = new Map([...place.outer, [schema, type]])
  fields.push(...planFields(planning, schema, { ...place, outer }))
  return type
}

function planUnion(
  planning: Planning,
  { schema, members: found }: Extract<Form, { kind: 'union' }>,
  description: string,
  place: Place,
): UnionPlan {
  const members: MemberPlan[] = []
  const type: UnionPlan = { kind: 'union', name: claim(planning, place), description, members }
  planning.unions.push(type)
  const inside: Place = { ...place, outer: new Map([...place.outer, [schema, type]]) }
  const discriminators = planning.use === 'input' ? null : planDiscriminators(planning, found, inside)
  for (const member of found) members.push(planMember(planning, member, discriminators, inside))
  return type
}

type Discriminators = ReadonlyMap<string, DescribedUsage>

/** One type for all members: GraphQL does not let a client select a field of the same name that is of several types. */
function planDiscriminators(planning: Planning, members: readonly UnionMember[], place: Place): Discriminators {
  const names = new Set(members.flatMap(({ constants }) => [...constants.keys()]))
  return new Map(
    [...names].map((name) => {
      const having = members.filter(({ constants }) => constants.has(name))
      const values = new Set(having.map(({ constants }) => constants.get(name)))
      return [name, planField(planning, name, { enum: [...values] }, place)]
    }),
  )
}

/** Without discriminators, the choice of the member says what they are. */
function planMember(
  planning: Planning,
  { name, schema, constants }: UnionMember,
  discriminators: Discriminators | null,
  place: Place,
): MemberPlan {
  const told = [...constants].map(([key, value]) => `\`${key}\` is ${JSON.stringify(value)}`).join(' and ')
  const description = describe(schema) ?? `${capital(where(planning, place))}, where ${told}.`
  const path = discriminators === null ? pathOf(place, name) : place.path
  const inside = { ...place, name: place.name + pascalCase(name), path }
  const rest = Object.keys(schema.properties ?? {}).filter((key) => !constants.has(key))
  if (discriminators === null && rest.length === 0) return { name, description, constants, object: null }
  const given = [...constants.keys()].flatMap((key) => {
    const usage = discriminators?.get(key)
    return usage === undefined ? [] : [{ ...usage, name: key, required: true, default: undefined }]
  })
  const fields: FieldPlan[] = []
  const object: ObjectPlan = { kind: 'object', name: claim(planning, inside), description, fields }
  planning.objects.push(object)
  fields.push(...given, ...planFields(planning, schema, inside, rest))
  return { name, description, constants, object }
}

/** The name for the type of the object or union at the place. */
function claim(planning: Planning, place: Place): string {
  const { names, prefix, suffix, task } = planning
  return names.claimType(prefix + place.name + suffix, task, where(planning, place))
}

function planFields(
  planning: Planning,
  { properties = {}, required = [] }: JsonSchema,
  place: Place,
  names = Object.keys(properties),
): readonly FieldPlan[] {
  const siblings = new Set(names.map((name) => place.name + pascalCase(name)))
  const inside: Place = { ...place, siblings, lists: new Set() }
  return names.flatMap((name) => {
    const schema = properties[name]
    if (schema === undefined) return []
    const usage = planField(planning, name, schema, inside)
    return [{ ...usage, name, required: required.includes(name), default: schema.default }]
  })
}

function planField(planning: Planning, name: string, schema: JsonSchema, parent: Place): DescribedUsage {
  const place = { ...parent, path: pathOf(parent, name), name: parent.name + pascalCase(name) }
  if (!isName(name)) {
    throw taskError(planning.task, `${where(planning, place)} has a name that GraphQL does not take. ${nameRule}`)
  }
  return planUsage(planning, schema, place)
}

function pathOf({ path }: Place, name: string): string {
  return path === null ? name : `${path}.${name}`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

const nameRule =
  'A name is made of letters, digits and underscores and begins with neither a digit nor two underscores.'
