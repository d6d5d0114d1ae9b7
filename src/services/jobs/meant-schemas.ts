import type { JsonSchema } from '../../core/json-schema.ts'

/** Tells, value by value, which parts of a JSON Schema speak of it: of a union those members that it may be meant for. */
export interface MeantSchemas {
  /**
   * Of some schemas that may each speak of the value those that do, with what they consist of, each once. However many
   * members of a union a value may be meant for, it is so looked at once, not once for each.
   */
  of(schemas: readonly JsonSchema[], value: unknown): readonly JsonSchema[]
  /** Those that may speak of a member of a value of which these speak; none where they say nothing of it. */
  ofMember(schemas: readonly JsonSchema[], key: string): readonly JsonSchema[]
  /** Whether the value may be meant for the schema: its types fit, all the way down, and so do its constants. */
  admits(schema: JsonSchema, value: unknown): boolean
}

/** Reads one value, which must not change meanwhile: what was found out about its parts is remembered. */
export function meantSchemas(root: JsonSchema): MeantSchemas {
  const admits = admission(root)

  function meant(schemas: readonly JsonSchema[], value: unknown): readonly JsonSchema[] {
    if (schemas.length < 2) return schemas
    const admitting = schemas.filter((schema) => admits(schema, value))
    // What is not valid may be meant for any.
    return admitting.length === 0 ? schemas : admitting
  }

  return {
    of(schemas, value) {
      const found = new Set<JsonSchema>()
      const add = (schema: JsonSchema) => {
        const own = follow(root, schema)
        if (found.has(own)) return
        found.add(own)
        own.allOf?.forEach(add)
        meant(unionOf(own) ?? [], value).forEach(add)
      }
      meant(schemas, value).forEach(add)
      return [...found]
    },

    ofMember(schemas, key) {
      const inner = schemas.map((schema) => memberSchema(schema, key)).filter((schema) => schema !== null)
      return [...new Set(inner.map((schema) => follow(root, schema)))]
    },

    admits,
  }
}

function admission(root: JsonSchema): MeantSchemas['admits'] {
  // Without it a union that contains itself would be tried in every combination of its members.
  const known = new Map<object, Map<JsonSchema, boolean>>()

  function admits(schema: JsonSchema, value: unknown): boolean {
    const own = follow(root, schema)
    if (typeof value !== 'object' || value === null) return fits(own, value)
    const answers = known.get(value) ?? new Map<JsonSchema, boolean>()
    known.set(value, answers)
    const answer = answers.get(own) ?? (fits(own, value) && fitWithin(own, value))
    answers.set(own, answer)
    return answer
  }

  function fits(own: JsonSchema, value: unknown): boolean {
    if ('const' in own && own.const !== value) return false
    if (own.enum?.includes(value) === false) return false
    if (!isOfTypes(own.type, value)) return false
    if (own.allOf?.every((part) => admits(part, value)) === false) return false
    return unionOf(own)?.some((member) => admits(member, value)) ?? true
  }

  function fitWithin(own: JsonSchema, value: object): boolean {
    const required = own.required ?? []
    if (required.some((key) => !Object.hasOwn(value, key))) return false
    return Object.entries(value).every(([key, item]) => {
      // As `withoutNulls` will leave it.
      if (item === null && !required.includes(key) && !Array.isArray(value)) return true
      const inner = memberSchema(own, key)
      return inner === null ? own.additionalProperties !== false : admits(inner, item)
    })
  }

  return admits
}

function unionOf(schema: JsonSchema): readonly JsonSchema[] | undefined {
  return schema.anyOf ?? schema.oneOf
}

function memberSchema(schema: JsonSchema, key: string): JsonSchema | null {
  const named = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined
  if (named !== undefined) return named
  const index = Number(key)
  if (Number.isInteger(index)) {
    const item = schema.prefixItems?.[index] ?? schema.items
    if (typeof item === 'object') return item
  }
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : null
}

/** The schema that a `$ref` points to, through as many of them as there are. */
function follow(root: JsonSchema, schema: JsonSchema): JsonSchema {
  let found = schema
  for (let steps = 0; found.$ref !== undefined && steps < 100; steps += 1) {
    if (found.$ref === '#') return root
    const name = found.$ref.replace('#/$defs/', '')
    const next = root.$defs?.[name]
    if (next === undefined) return anything
    found = next
  }
  return found
}

const anything: JsonSchema = {}

function isOfTypes(types: JsonSchema['type'], value: unknown): boolean {
  if (types === undefined) return true
  return typeof types === 'string' ? isOfType(types, value) : types.some((type) => isOfType(type, value))
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}
