import type { JsonSchema } from '../../core/json-schema.ts'
import { tellApart, type UnionMember } from './json-schema-members.ts'
import { isName } from './type-names.ts'

export type ScalarName = 'String' | 'Boolean' | 'Float' | 'Int' | 'ID' | 'DateTime' | 'Date'

/** The GraphQL form that a JSON Schema has. `json` is none: `reason` says why, and is `null` where any JSON is meant. */
export type Form =
  | { readonly kind: 'scalar'; readonly scalar: ScalarName }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'list'; readonly schema: JsonSchema; readonly items: JsonSchema }
  | { readonly kind: 'object'; readonly schema: JsonSchema }
  | { readonly kind: 'union'; readonly schema: JsonSchema; readonly members: readonly UnionMember[] }
  | { readonly kind: 'json'; readonly reason: string | null }

export interface Shape {
  readonly form: Form
  readonly nullable: boolean
  readonly description: string | null
}

/** Reads the outermost level of a JSON Schema; `root` is where its references lead. */
export function readShape(schema: JsonSchema, root: JsonSchema, depth = 0): Shape {
  const target = followReferences(schema, root)
  if (target === null || depth > maxDepth)
    return { ...json('a reference without an end'), description: describe(schema) }
  const shape = formOf(target, root, depth)
  return { ...shape, description: describe(schema) ?? describe(target) ?? shape.description ?? null }
}

/** Whether the schema is that of an object that has no fields and cannot have any. */
export function isEmptyObject({ type, properties, additionalProperties: free }: JsonSchema): boolean {
  return type === 'object' && Object.keys(properties ?? {}).length === 0 && (free === undefined || free === false)
}

const maxDepth = 16

type Read = Pick<Shape, 'form' | 'nullable'> & { readonly description?: string | null }

/** What the schema says of itself. */
export function describe({ description }: JsonSchema): string | null {
  return description === undefined || description.trim() === '' ? null : description
}

function scalar(name: ScalarName): Read {
  return { form: { kind: 'scalar', scalar: name }, nullable: false }
}

function json(reason: string | null): Read {
  return { form: { kind: 'json', reason }, nullable: reason === null }
}

/** zod writes `#` and `#/$defs/<name>`; anything else, and a reference to itself, is `null`. */
function followReferences(schema: JsonSchema, root: JsonSchema): JsonSchema | null {
  let target: JsonSchema | undefined = schema
  for (let hops = 0; target !== undefined && hops <= maxDepth; hops += 1) {
    if (target.$ref === undefined) return target
    target = target.$ref === '#' ? root : definition(target.$ref, root)
  }
  return null
}

function definition(reference: string, root: JsonSchema): JsonSchema | undefined {
  const name = /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1]
  // Escapes of a JSON pointer (RFC 6901, section 3).
  return name === undefined ? undefined : root.$defs?.[name.replaceAll('~1', '/').replaceAll('~0', '~')]
}

function formOf(schema: JsonSchema, root: JsonSchema, depth: number): Read {
  if (schema.anyOf !== undefined || schema.oneOf !== undefined) return formOfUnion(schema, root, depth)
  if (schema.allOf !== undefined && !isText(schema)) return json('an intersection of several forms')
  if (schema.const !== undefined) return formOfLiterals([schema.const])
  if (schema.enum !== undefined) return formOfLiterals(schema.enum)
  const types = [schema.type ?? []].flat()
  const [type, ...others] = types.filter((name) => name !== 'null')
  if (type === undefined) return json(null)
  if (others.length > 0) return json('a value of several types')
  const read = formsOfTypes[type]?.(schema) ?? json(`the type "${type}"`)
  return { ...read, nullable: read.nullable || types.includes('null') }
}

const formsOfTypes: Readonly<Record<string, (schema: JsonSchema) => Read>> = {
  string: formOfText,
  boolean: () => scalar('Boolean'),
  number: () => scalar('Float'),
  integer: (schema) => scalar(fitsInt(schema) ? 'Int' : 'Float'),
  array: (schema) =>
    schema.prefixItems === undefined
      ? { form: { kind: 'list', schema, items: schema.items ?? {} }, nullable: false }
      : json('a tuple'),
  object: (schema) => {
    if (Object.keys(schema.properties ?? {}).length > 0) return { form: { kind: 'object', schema }, nullable: false }
    // GraphQL has no empty object types.
    return { ...json(isEmptyObject(schema) ? null : 'an object with free keys'), nullable: false }
  },
}

/** Whether the schema is that of a text that must match several patterns. */
function isText({ type, allOf = [] }: JsonSchema): boolean {
  return type === 'string' && allOf.every((part) => Object.keys(part).every((key) => key === 'pattern'))
}

function formOfText({ artifact, format, pattern }: JsonSchema): Read {
  if (artifact === true) return scalar('ID')
  if (format === 'date') return scalar('Date')
  if (format === 'date-time' && takesMilliseconds(pattern)) return scalar('DateTime')
  return format === undefined
    ? scalar('String')
    : { ...scalar('String'), description: `Text in the format \`${format}\`.` }
}

/** Whether a moment may be as `DateTime` writes it. Of a `z.iso.datetime()` with another precision it may not. */
function takesMilliseconds(pattern: string | undefined): boolean {
  return pattern === undefined || new RegExp(pattern).test('2026-11-22T17:30:00.000Z')
}

/** GraphQL's Int has 32 bits. */
function fitsInt(schema: JsonSchema): boolean {
  const least = Math.max(schema.minimum ?? -Infinity, schema.exclusiveMinimum ?? -Infinity)
  const most = Math.min(schema.maximum ?? Infinity, schema.exclusiveMaximum ?? Infinity)
  return least >= -(2 ** 31) && most <= 2 ** 31 - 1
}

function formOfLiterals(literals: readonly unknown[]): Read {
  const values = literals.filter((value) => value !== null)
  const read = formOfValues(values)
  return { ...read, nullable: read.nullable || values.length < literals.length }
}

function formOfValues(values: readonly unknown[]): Read {
  if (values.length === 0) return json(null)
  if (values.every((value) => typeof value === 'string')) return enumOf(values)
  if (values.every((value) => typeof value === 'boolean')) return scalar('Boolean')
  if (values.every((value) => typeof value === 'number')) return scalar(values.every(isInt) ? 'Int' : 'Float')
  return json('literals of several types')
}

function isInt(value: number): boolean {
  return Number.isInteger(value) && fitsInt({ minimum: value, maximum: value })
}

function enumOf(values: readonly string[]): Read {
  const isEnum = values.every((value) => isName(value) && !['true', 'false', 'null'].includes(value))
  return isEnum ? { form: { kind: 'enum', values: [...new Set(values)] }, nullable: false } : scalar('String')
}

function formOfUnion(schema: JsonSchema, root: JsonSchema, depth: number): Read {
  const alternatives = schema.anyOf ?? schema.oneOf ?? []
  const others = alternatives.filter(({ type }) => type !== 'null')
  const shapes = others.map((other) => readShape(other, root, depth + 1))
  const read = joined(shapes, schema)
  return { ...read, nullable: read.nullable || others.length < alternatives.length }
}

function joined(shapes: readonly Shape[], schema: JsonSchema): Read {
  const [first, ...rest] = shapes
  if (first === undefined) return json(null)
  if (rest.length === 0) return first
  const nullable = shapes.some((shape) => shape.nullable)
  const forms = shapes.map(({ form }) => form)
  if (forms.every((form) => form.kind === 'enum')) return { ...enumOf(forms.flatMap(({ values }) => values)), nullable }
  const common = commonScalar(forms)
  if (common !== null) return { ...scalar(common), nullable }
  const objects = forms.map(objectsOf)
  if (objects.some(({ length }) => length === 0)) return { ...json('a union of several forms'), nullable }
  const members = tellApart(objects.flat())
  return typeof members === 'string'
    ? { ...json(members), nullable }
    : { form: { kind: 'union', schema, members }, nullable }
}

/** The scalar that takes values of all the forms: any text is a String, any number a Float. */
function commonScalar(forms: readonly Form[]): ScalarName | null {
  const names = new Set(forms.map((form) => (form.kind === 'scalar' ? form.scalar : form.kind)))
  const [first] = forms
  if (first?.kind === 'scalar' && names.size === 1) return first.scalar
  if ([...names].every((other) => ['String', 'DateTime', 'Date', 'enum'].includes(other))) return 'String'
  return [...names].every((other) => ['Int', 'Float'].includes(other)) ? 'Float' : null
}

/** The objects that a form may be. A union in a union is of their members alike, each once. */
function objectsOf(form: Form): readonly JsonSchema[] {
  if (form.kind === 'union') return [...new Set(form.members.map(({ schema }) => schema))]
  return form.kind === 'object' ? [form.schema] : []
}
