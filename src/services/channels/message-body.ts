/** How deep lists and objects may lie within each other: what walks a body may then recurse. */
const maxDepth = 64

/** What is wrong with a value as the body of a message of at most so many bytes, in a sentence; `null` when it can be one. */
export function bodyMistake(body: unknown, maxBytes: number): string | null {
  const mistake = mistakeWithin(body, maxDepth)
  if (mistake !== null) return mistake
  const text: string | undefined = JSON.stringify(body)
  if (text === undefined) return 'Must be given.'
  const bytes = bytesOf(text)
  return bytes <= maxBytes ? null : `Has ${bytes} bytes of JSON; at most ${maxBytes} are allowed.`
}

/** How many bytes a body that can be one has as JSON. */
export function bodyBytes(body: unknown): number {
  return bytesOf(JSON.stringify(body))
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text)
}

function mistakeWithin(value: unknown, depth: number): string | null {
  if (typeof value !== 'object' || value === null) return isScalar(value) ? null : 'Must be JSON.'
  if (depth === 0) return `Nests deeper than ${maxDepth} levels.`
  for (const item of Object.values(value)) {
    const mistake = mistakeWithin(item, depth - 1)
    if (mistake !== null) return mistake
  }
  return null
}

function isScalar(value: unknown): boolean {
  // A number such as 1e999 in a document is none in JSON.
  if (typeof value === 'number') return Number.isFinite(value)
  return value === null || typeof value === 'string' || typeof value === 'boolean'
}
