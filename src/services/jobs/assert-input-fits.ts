import { type InputIssue, InvalidInputError } from '../../core/errors.ts'

/** The most bytes of JSON that an input may have; larger things travel as artifacts. */
const maxInputBytes = 64 * 1024

/** How deep lists and objects may lie within each other: what walks an input may then recurse. */
const maxDepth = 64

/** Throws an `InvalidInputError` when the value is no JSON, nests too deep or is too large to lie in a row. */
export function assertInputFits(value: unknown): void {
  const issue = findIssue(value, [], maxDepth)
  if (issue !== null) throw new InvalidInputError([issue])
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '')
  if (bytes <= maxInputBytes) return
  const message = `The input has ${bytes} bytes of JSON; at most ${maxInputBytes} are allowed. Upload what is larger as a file and give its id.`
  throw new InvalidInputError([{ path: [], message }])
}

function findIssue(value: unknown, path: readonly string[], depth: number): InputIssue | null {
  if (typeof value !== 'object' || value === null) {
    return isScalar(value) ? null : { path, message: `A ${typeof value} is not JSON.` }
  }
  if (depth === 0) return { path: path.slice(0, 4), message: `Nests deeper than ${maxDepth} levels.` }
  for (const [key, item] of Object.entries(value)) {
    const issue = findIssue(item, [...path, key], depth - 1)
    if (issue !== null) return issue
  }
  return null
}

function isScalar(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean'
}
