import type { JsonSchema } from '../../core/json-schema.ts'
import { isName } from './type-names.ts'

/** An object of a union, with what tells it from the others. */
export interface UnionMember {
  /** Made of the constants: `no-fill` becomes `noFill`, and `1` as the value of `version` becomes `version1`. */
  readonly name: string
  readonly schema: JsonSchema
  /** Properties that have one value each. A property with several values makes several members. */
  readonly constants: ReadonlyMap<string, unknown>
}

/** The members of a union of such objects, or why it cannot be told which of them a value is. */
export function tellApart(objects: readonly JsonSchema[]): readonly UnionMember[] | string {
  const told = split(objects.map((schema) => ({ schema, constants: new Map() })))
  if (told === null) return 'a union of objects without a constant that tells them apart'
  const members = told.map((candidate) => ({ ...candidate, name: memberName(candidate.constants) }))
  const names = members.map(({ name }) => name)
  const clash = names.find((name, index) => names.indexOf(name) !== index)
  if (clash !== undefined) return `a union of which two members would be called "${clash}"`
  const odd = names.find((name) => !isName(name))
  return odd === undefined ? members : `a union of which a member would be called "${odd}"`
}

type Candidate = Omit<UnionMember, 'name'>

/** Splits by one property after the other until each is alone; `null` where no property is left to split by. */
function split(candidates: readonly Candidate[]): readonly Candidate[] | null {
  const [first] = candidates
  if (first === undefined || candidates.length === 1) return candidates
  const keys = Object.keys(first.schema.properties ?? {}).filter((key) => !first.constants.has(key))
  const sole = keys.find((key) => areDisjoint(candidates.map((candidate) => literals(candidate, key))))
  if (sole !== undefined) return splitBy(candidates, sole)
  for (const key of keys) {
    const values = candidates.map((candidate) => literals(candidate, key))
    // Each with one value, and not all with the same one.
    if (values.some(({ length }) => length !== 1) || new Set(values.flat()).size < 2) continue
    const parts = [...Map.groupBy(splitBy(candidates, key), ({ constants }) => constants.get(key)).values()].map(split)
    const told = parts.filter((part) => part !== null)
    if (told.length === parts.length) return told.flat()
  }
  return null
}

function splitBy(candidates: readonly Candidate[], key: string): readonly Candidate[] {
  return candidates.flatMap((candidate) =>
    literals(candidate, key).map((value) => ({
      ...candidate,
      constants: new Map([...candidate.constants, [key, value]]),
    })),
  )
}

/** The values that a property may have; none where they cannot be listed, or where it may be left out without a default. */
function literals({ schema }: Candidate, key: string): readonly unknown[] {
  const property = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined
  if (property === undefined) return []
  if (!(schema.required ?? []).includes(key) && property.default === undefined) return []
  return property.const === undefined ? (property.enum ?? []) : [property.const]
}

function areDisjoint(lists: readonly (readonly unknown[])[]): boolean {
  const all = lists.flat()
  return lists.every((list) => list.length > 0) && new Set(all).size === all.length
}

function memberName(constants: ReadonlyMap<string, unknown>): string {
  const words = [...constants].flatMap(([key, value]) => {
    const own = wordsOf(String(value))
    return typeof value === 'string' && /^[a-z]/i.test(own[0] ?? '') ? own : [...wordsOf(key), ...own]
  })
  return words.map((word, index) => (index === 0 ? word : word.slice(0, 1).toUpperCase() + word.slice(1))).join('')
}

/** `BIG_BANG` and `big-bang` are two words, `CSVFile` is `csvFile`. */
function wordsOf(text: string): readonly string[] {
  const words = text.split(/[^0-9A-Za-z]+/).filter((word) => word !== '')
  return words.map((word) => word.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (capitals) => capitals.toLowerCase()))
}
