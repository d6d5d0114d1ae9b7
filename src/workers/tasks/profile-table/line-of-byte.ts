import { createReadStream } from 'node:fs'

const lineFeed = 10
const carriageReturn = 13

/**
 * The line, counted from 1, of the first text at or after a byte of the file, blank lines skipped. `\n`, `\r\n` and a lone
 * `\r` end a line. Reads the file from its start: for the sentence of an error, not for every row.
 */
export async function lineOfByte(path: string, offset: number): Promise<number> {
  let line = 1
  let at = 0
  let previous = 0
  for await (const chunk of createReadStream(path)) {
    // Without an encoding, a file's stream gives buffers.
    const bytes = chunk as Buffer
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0
      const endsLine = byte === lineFeed || byte === carriageReturn
      if (at >= offset && !endsLine) return line
      if (endsLine && !(byte === lineFeed && previous === carriageReturn)) line += 1
      previous = byte
      at += 1
    }
  }
  return line
}
