/** What a `Range` header asks of a file: `null` for the whole file, which also answers ranges that are not understood. */
export type RangeRequest = { readonly start: number; readonly end: number } | 'unsatisfiable' | null

const single = /^bytes=(\d{0,16})-(\d{0,16})$/

/** The one byte range of a header, both ends included, for a file of so many bytes (RFC 9110 section 14). */
export function byteRange(header: string | null, size: number): RangeRequest {
  const match = header === null ? null : single.exec(header.replaceAll(' ', ''))
  if (match === null) return null
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return null
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Number(last)
  if (last !== '' && end < start) return null
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(end, size - 1) }
}
