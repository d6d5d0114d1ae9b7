import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What comes out of a compressor that is fed with the pieces; an error of theirs is thrown here. */
export async function* compressStream(
  pieces: AsyncIterable<Uint8Array>,
  compressor: Transform,
): AsyncGenerator<Uint8Array> {
  const fed = pipeline(pieces, compressor)
  // It is awaited at the end; till then a failure is no unhandled one.
  fed.catch(() => undefined)
  try {
    // A stream without an encoding gives buffers.
    yield* compressor as AsyncIterable<Buffer>
  } finally {
    compressor.destroy()
  }
  await fed
}
