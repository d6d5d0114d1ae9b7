import { z } from '../../task.ts'

/** Types of zod whose values cannot come in as JSON: what they are, and what to declare in their place. */
const remedies: Readonly<Record<string, readonly [what: string, instead: string]>> = {
  date: ['a date', '`z.iso.datetime()` or `z.coerce.date()`'],
  bigint: ['a bigint', '`z.int()` (53 bits) or `z.string()`'],
  map: ['a Map', '`z.record(…)`'],
  set: ['a Set', '`z.array(…)`'],
  file: ['a File', '`artifact()`'],
  symbol: ['a symbol', '`z.string()`'],
}

/** A path into a JSON Schema, such as `properties`, `days`, `items`. */
type Path = readonly (string | number)[]

/** What of an input can never be given, since no JSON fits it: a sentence each, with where it is and what to do. */
export function neverJson(input: z.ZodType): readonly string[] {
  const found: { readonly path: Path; readonly sentence: string }[] = []
  const preprocessed: Path[] = []
  z.toJSONSchema(input, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, path }) {
      const { def } = zodSchema._zod
      const [what, instead] = remedies[def.type] ?? []
      const isCoerced = 'coerce' in def && def.coerce
      if (what !== undefined && !isCoerced) {
        const sentence = `Its \`input\` takes ${what} at \`${placeOf(path).slice(1)}\`, which JSON cannot hold: use ${instead} there.`
        found.push({ path, sentence })
      }
      // `z.preprocess` may make anything of what comes in.
      if (def.type === 'pipe' && def.in._zod.def.type === 'transform') preprocessed.push(path)
    },
  })
  // zod goes from the inside out and from the last to the first.
  return found
    .toReversed()
    .filter(({ path }) => !hasChoice(path) && !preprocessed.some((start) => isWithin(path, start)))
    .map(({ sentence }) => sentence)
}

/** A union may have another member that JSON fits. */
function hasChoice(path: Path): boolean {
  return path.some((key, at) => (key === 'anyOf' || key === 'oneOf') && typeof path[at + 1] === 'number')
}

function isWithin(path: Path, start: Path): boolean {
  return start.every((key, at) => path[at] === key)
}

/** The path as people write it, `.rows[].day`. */
function placeOf([key, ...rest]: Path): string {
  if (key === undefined) return ''
  if (key === 'items') return `[]${placeOf(rest)}`
  if (key === 'additionalProperties') return `.*${placeOf(rest)}`
  const [next = '', ...others] = rest
  if (key === 'prefixItems') return `[${next}]${placeOf(others)}`
  // A member of an intersection.
  if (key !== 'properties') return placeOf(others)
  return `.${next}${placeOf(others)}`
}
