import { createReadStream } from 'node:fs'
import type { ByteRange } from './read-rows.ts'

const quote = 0x22
const lineFeed = 10
const carriageReturn = 13
const chunkBytes = 2 ** 20

/**
 * Where a file may be cut so that no row is: first the quotes of each part are counted, all parts at a time; then whether a
 * part begins within quotes is known, for the number before it is odd there (a doubled quote counts twice), and so which
 * line ends are ends of rows. This is what Ge et al., "Speculative Distributed CSV Data Parsing" (SIGMOD 2019), call the
 * two-pass approach.
 */
export async function hasOddQuotes(path: string, range: ByteRange, pause: () => void): Promise<boolean> {
  let count = 0
  for await (const bytes of chunksOf(path, range)) {
    pause()
    for (let index = 0; index < bytes.length; index += 1) if (bytes[index] === quote) count += 1
  }
  return count % 2 === 1
}

/**
 * Where the first row begins that begins within the range, or `null`. `inQuotes` is how the range begins; `pause` is called
 * now and then and may throw.
 */
export async function firstRowStart(
  path: string,
  { from, to }: ByteRange,
  inQuotes: boolean,
  pause: () => void,
): Promise<number | null> {
  let quoted = inQuotes
  let at = from - 1
  let afterReturn = false
  // The byte before says whether a row begins with the range; if it is a quote, it has been counted.
  for await (const bytes of chunksOf(path, { from: at, to })) {
    pause()
    for (const byte of bytes) {
      if (afterReturn) return byte === lineFeed ? within(at + 1, to) : within(at, to)
      if (byte === quote && at >= from) quoted = !quoted
      if (!quoted && byte === lineFeed) return within(at + 1, to)
      afterReturn = !quoted && byte === carriageReturn
      at += 1
    }
  }
  return null
}

const within = (start: number, to: number): number | null => (start < to ? start : null)

/** Cuts a file into ranges of bytes of the same length. */
export function evenRanges(size: number, count: number): readonly ByteRange[] {
  const edge = (index: number): number => Math.floor((size * index) / count)
  return Array.from({ length: count }, (_, index) => ({ from: edge(index), to: edge(index + 1) }))
}

async function* chunksOf(path: string, { from, to }: ByteRange): AsyncGenerator<Buffer> {
  // A small file has parts without a byte, which a stream does not take.
  if (to <= from) return
  // Without an encoding, a file's stream gives buffers.
  yield* createReadStream(path, { start: from, end: to - 1, highWaterMark: chunkBytes }) as AsyncIterable<Buffer>
}
