/** How many bytes the value has as JSON; `null` for what is none (a BigInt, a circle, nothing at all). */
export function jsonBytes(value: unknown): number | null {
  try {
    const text: string | undefined = JSON.stringify(value)
    return text === undefined ? null : Buffer.byteLength(text)
  } catch {
    return null
  }
}
