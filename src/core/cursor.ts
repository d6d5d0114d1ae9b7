/** A place in a topic's log: which log (epoch) and after which event (offset; 0 is before the first). */
export interface Position {
  readonly epoch: string
  readonly offset: number
}

const shape = /^c1\.([A-Za-z0-9_-]{8,20})\.([0-9a-z]{1,11})$/

/** The opaque text of a position: `c1.<epoch>.<offset in base 36>`, at most 40 bytes, safe in a header and a URL. */
export function formatCursor(position: Position): string {
  return `c1.${position.epoch}.${position.offset.toString(36)}`
}

/** Reads a cursor back; `null` when the text is not one. */
export function parseCursor(text: string): Position | null {
  if (text.length > 40) return null
  const match = shape.exec(text)
  if (match === null) return null
  const [, epoch = '', digits = ''] = match
  const offset = Number.parseInt(digits, 36)
  if (!Number.isSafeInteger(offset)) return null
  return { epoch, offset }
}
