import { open } from 'node:fs/promises'

/**
 * How much is compressed at a time. Beginning anew with each costs gzip 0.2 % in size (measured on 10 MB of JSON); the
 * result is the same for any number of threads.
 */
const chunkBytes = 2 ** 20

/** How many chunks a file of so many bytes has: an empty one has one too, so that something is written. */
export function countChunks(size: number): number {
  return Math.max(1, Math.ceil(size / chunkBytes))
}

/** A file that is read in chunks of 1 MiB, in any order. */
export interface ChunkedFile extends AsyncDisposable {
  /** The chunk of that place, from 0. The bytes are the reader's own. */
  read(chunk: number): Promise<Buffer>
}

export async function openChunkedFile(path: string, size: number): Promise<ChunkedFile> {
  const file = await open(path)
  return {
    async read(chunk) {
      const from = chunk * chunkBytes
      const wanted = Math.min(chunkBytes, size - from)
      const bytes = Buffer.allocUnsafeSlow(wanted)
      for (let have = 0; have < wanted;) {
        const { bytesRead } = await file.read(bytes, have, wanted - have, from + have)
        if (bytesRead === 0) throw new Error(`The file ends before its ${size.toLocaleString('en')} bytes.`)
        have += bytesRead
      }
      return bytes
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}
