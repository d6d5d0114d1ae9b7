import type { JsonSchema } from '../../core/json-schema.ts'
import { artifactKeyword } from '../../core/task.ts'

/** A JSON Schema read against values. It decides nothing about validity (zod does), only which part speaks of which value. */
export interface SchemaReading {
  /** The ids of artifacts in a valid value, each once, in the order in which they stand there. */
  artifactIds(value: unknown): readonly string[]
  /** The valid value with what `replace` makes of each artifact id in place of it. */
  mapArtifacts(value: unknown, replace: (id: string) => unknown): unknown
  /**
   * The value without the members that are `null` where the schema lets them be left out but does not take `null`: a
   * GraphQL client sends `null` for a variable that it leaves empty.
   */
  withoutNulls(value: unknown): unknown
}

/** Reads a schema whose `$ref`s all point into its own `$defs`, as `z.toJSONSchema` writes them. */
export function readSchema(root: JsonSchema): SchemaReading {
  /** The schemas that speak of the value: the one given, or of a union those members that the value may be meant for. */
  function branches(schema: JsonSchema, value: unknown): readonly JsonSchema[] {
    const own = follow(root, schema)
    const members = own.anyOf ?? own.oneOf
    if (own.allOf !== undefined) return [own, ...own.allOf.flatMap((part) => branches(part, value))]
    if (members === undefined) return [own]
    return members.filter((member) => admits(root, member, value)).flatMap((member) => branches(member, value))
  }

  function map(schema: JsonSchema, value: unknown, replace: (id: string) => unknown): unknown {
    return branches(schema, value).reduce<unknown>((mapped, branch) => mapBranch(branch, mapped, replace), value)
  }

  function mapBranch(branch: JsonSchema, value: unknown, replace: (id: string) => unknown): unknown {
    if (typeof value === 'string') return branch[artifactKeyword] === true ? replace(value) : value
    return mapMembers(branch, value, (inner, item) => map(inner, item, replace))
  }

  function clean(schema: JsonSchema, value: unknown): unknown {
    const [branch] = branches(schema, value)
    if (branch === undefined || typeof value !== 'object' || value === null) return value
    const kept = members(value).filter(([key, item]) => item !== null || !isNeedless(branch, key))
    const needed = Array.isArray(value) ? kept.map(([, item]) => item) : Object.fromEntries(kept)
    return mapMembers(branch, needed, clean)
  }

  function isNeedless(schema: JsonSchema, key: string): boolean {
    const inner = schema.properties?.[key]
    return inner !== undefined && !(schema.required ?? []).includes(key) && !admits(root, inner, null)
  }

  return {
    artifactIds(value) {
      const ids = new Set<string>()
      map(root, value, (id) => {
        ids.add(id)
        return id
      })
      return [...ids]
    },
    mapArtifacts: (value, replace) => map(root, value, replace),
    withoutNulls: (value) => clean(root, value),
  }
}

/** The value with its members, where the schema speaks of them, changed by `change`. */
function mapMembers(
  schema: JsonSchema,
  value: unknown,
  change: (inner: JsonSchema, item: unknown) => unknown,
): unknown {
  if (typeof value !== 'object' || value === null) return value
  const mapped = members(value).map(([key, item]) => {
    const inner = memberSchema(schema, key)
    return [key, inner === null ? item : change(inner, item)] as const
  })
  return Array.isArray(value) ? mapped.map(([, item]) => item) : Object.fromEntries(mapped)
}

/** The keys and members of an object or list; none of anything else. */
function members(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
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
    if (next === undefined) return {}
    found = next
  }
  return found
}

/** Whether the value may be meant for the schema: its type fits, and so do the constants that tell the members of a union apart. */
function admits(root: JsonSchema, schema: JsonSchema, value: unknown): boolean {
  const own = follow(root, schema)
  const members = own.anyOf ?? own.oneOf
  if (members !== undefined) return members.some((member) => admits(root, member, value))
  if (own.allOf !== undefined && !own.allOf.every((part) => admits(root, part, value))) return false
  if ('const' in own) return own.const === value
  if (own.enum !== undefined) return own.enum.includes(value)
  if (own.type !== undefined && ![own.type].flat().some((type) => isOfType(type, value))) return false
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return true
  if ((own.required ?? []).some((key) => !Object.hasOwn(value, key))) return false
  return Object.entries(value).every(([key, member]) => {
    const inner = follow(root, own.properties?.[key] ?? {})
    return !('const' in inner) || inner.const === member
  })
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'integer') return typeof value === 'number'
  return typeof value === type
}
