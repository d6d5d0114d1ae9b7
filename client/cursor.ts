/** At most so many characters make a cursor. */
const longest = 40

const shape = /^c1\.([A-Za-z0-9_-]+)\.([0-9a-z]{1,11})$/

/** Whether the event of a cursor is of the log of another cursor, and not after it there. */
export function isSeen(cursor: string, last: string | null): boolean {
  const one = parse(cursor)
  const other = last === null ? null : parse(last)
  return one !== null && other !== null && one.epoch === other.epoch && one.offset <= other.offset
}

function parse(cursor: string): { epoch: string; offset: number } | null {
  if (cursor.length > longest) return null
  const [, epoch, offset] = shape.exec(cursor) ?? []
  return epoch === undefined || offset === undefined ? null : { epoch, offset: Number.parseInt(offset, 36) }
}
