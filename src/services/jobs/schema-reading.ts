import type { JsonSchema } from '../../core/json-schema.ts'
import { artifactKeyword } from '../../core/task.ts'
import { type MeantSchemas, meantSchemas } from './meant-schemas.ts'

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
  // Most tasks take no file.
  const hasArtifacts = JSON.stringify(root).includes(`"${artifactKeyword}":true`)

  function mapArtifacts(value: unknown, replace: (id: string) => unknown): unknown {
    if (!hasArtifacts) return value
    const reading = meantSchemas(root)
    const holders = holdersOf(value, (part) => typeof part === 'string')
    const map = (schemas: readonly JsonSchema[], part: unknown): unknown => {
      if (!holders.has(part)) return part
      const meant = reading.of(schemas, part)
      if (typeof part === 'string') return meant.some((schema) => schema[artifactKeyword]) ? replace(part) : part
      return mapMembers(part, (key, item) => map(reading.ofMember(meant, key), item))
    }
    return map([root], value)
  }

  function withoutNulls(value: unknown): unknown {
    const reading = meantSchemas(root)
    const holders = holdersOf(value, (part) => part === null)
    const clean = (schemas: readonly JsonSchema[], part: unknown): unknown => {
      if (!holders.has(part)) return part
      const meant = reading.of(schemas, part)
      const isKept = (key: string, item: unknown) => item !== null || !isNeedless(reading, meant, key)
      return mapMembers(part, (key, item) => clean(reading.ofMember(meant, key), item), isKept)
    }
    return clean([root], value)
  }

  return {
    artifactIds(value) {
      const ids = new Set<string>()
      mapArtifacts(value, (id) => {
        ids.add(id)
        return id
      })
      return [...ids]
    },
    mapArtifacts,
    withoutNulls,
  }
}

/** What is such a leaf of the value, and the lists and objects with one in them: the rest of a large input is not looked at. */
function holdersOf(value: unknown, isLeaf: (part: unknown) => boolean): ReadonlySet<unknown> {
  const holders = new Set<unknown>()
  const look = (part: unknown): boolean => {
    const inside = typeof part === 'object' && part !== null ? Object.values(part) : []
    const holds = inside.map(look).includes(true) || isLeaf(part)
    if (holds) holders.add(part)
    return holds
  }
  look(value)
  return holders
}

/** Whether one of the schemas lets the member be left out, and none takes `null` for it. */
function isNeedless(reading: MeantSchemas, schemas: readonly JsonSchema[], key: string): boolean {
  const naming = schemas.filter(({ properties = {} }) => Object.hasOwn(properties, key))
  return (
    naming.some(({ required = [] }) => !required.includes(key)) &&
    !reading.ofMember(naming, key).some((inner) => reading.admits(inner, null))
  )
}

/** The value with those of its members that are kept, changed by `change`. */
function mapMembers(
  value: unknown,
  change: (key: string, item: unknown) => unknown,
  isKept: (key: string, item: unknown) => boolean = () => true,
): unknown {
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key, item]) => isKept(key, item))
  const mapped = kept.map(([key, item]) => [key, change(key, item)] as const)
  return Array.isArray(value) ? mapped.map(([, item]) => item) : Object.fromEntries(mapped)
}
