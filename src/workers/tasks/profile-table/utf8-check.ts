import { isUtf8 } from 'node:buffer'

/** Checks a text that comes in pieces, which may split a character. */
export interface Utf8Check {
  /** The place of the first byte of the stream that cannot be UTF-8, or `null`. Not to be called again after a place. */
  push(chunk: Buffer): number | null
  /** The same at the end of the stream: a character may have been cut off. */
  end(): number | null
}

/** `start` is the place of the stream's first byte. */
export function createUtf8Check(start = 0): Utf8Check {
  let rest: Buffer = Buffer.alloc(0)
  let checked = start

  function push(chunk: Buffer): number | null {
    // At most 3 bytes of an unfinished character are carried over.
    const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const whole = joined.length - unfinishedBytes(joined)
    const text = joined.subarray(0, whole)
    if (!isUtf8(text)) return checked + firstBadByte(text)
    rest = Buffer.from(joined.subarray(whole))
    checked += whole
    return null
  }

  return { push, end: () => (rest.length === 0 ? null : checked) }
}

/** How many bytes at the end begin a character of UTF-8 that is not there as a whole (RFC 3629, section 3). */
function unfinishedBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0b1100_0000) === 0b1000_0000) continue
    return lengthOf(byte) > back ? back : 0
  }
  return 0
}

/** How many bytes a character has that starts with this one. */
function lengthOf(firstByte: number): number {
  if (firstByte < 0b1100_0000) return 1
  if (firstByte < 0b1110_0000) return 2
  return firstByte < 0b1111_0000 ? 3 : 4
}

/** By halving: what comes before the first bad byte is UTF-8, apart from a character cut in two. */
function firstBadByte(bytes: Buffer): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    const head = bytes.subarray(0, middle)
    if (isUtf8(head.subarray(0, middle - unfinishedBytes(head)))) good = middle
    else bad = middle
  }
  return good - unfinishedBytes(bytes.subarray(0, good))
}
