/** Spreads 32 bits evenly: MurmurHash3's finisher (public domain, A. Appleby). Answers an unsigned number. */
export function mixBits(bits: number): number {
  let mixed = bits ^ (bits >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/**
 * The place of a row in an even shuffle of all rows, as 32 bits. It hangs on where the row stands in its file and on nothing
 * else, so that whoever reads the row draws the same.
 */
export function lotOf(position: number): number {
  return mixBits((position >>> 0) ^ mixBits(Math.floor(position / 2 ** 32) + 0x9e3779b9))
}
