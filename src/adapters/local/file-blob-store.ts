import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, open, opendir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Refusal } from '../../core/errors.ts'
import type { BlobStore, PendingBlob } from '../../ports/blob-store.ts'

export interface FileBlobStoreOptions {
  /** Where the bytes lie; made when it is not there. */
  readonly folder: string
  /**
   * What was being received and was not written to for so many ms is somebody's who died: removed when the store is
   * opened. An hour by default; 0 where nobody else uses the folder.
   */
  readonly staleMs?: number
}

const hour = 60 * 60 * 1000

/** `BlobStore` in a folder: `blobs/ab/abcd…` by hash, and `tmp/` for what is being received. */
export async function fileBlobStore({ folder, staleMs = hour }: FileBlobStoreOptions): Promise<BlobStore> {
  const pending = join(folder, 'tmp')
  const shelves = join(folder, 'blobs')
  for (const path of [pending, shelves]) await mkdir(path, { recursive: true, mode: 0o700 })
  await removeStale(pending, staleMs)

  /** Two letters of the hash make 256 folders, so that none grows long. */
  function place(hash: string): { readonly folder: string; readonly path: string } {
    if (!isHash(hash)) throw new TypeError('A blob is named by a SHA-256 in hex.')
    const shelf = join(shelves, hash.slice(0, 2))
    return { folder: shelf, path: join(shelf, hash) }
  }

  async function receive(source: Readable, bounds: Bounds): Promise<PendingBlob> {
    const path = join(pending, randomUUID())
    try {
      const { hash, size } = await write(source, path, bounds)
      return pendingBlob({ path, hash, size, target: place(hash) })
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  }

  return {
    receive: (source, maxBytes, admit) => receive(source, { maxBytes, admit }),

    async receiveFile(path, maxBytes, admit) {
      // A link could name what is not meant to be received.
      await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
      return await receive(file.createReadStream({ autoClose: false }), { maxBytes, admit })
    },

    async read(hash, range) {
      const file = await open(place(hash).path, 'r')
      return file.createReadStream(range)
    },

    async localPath(hash) {
      const { path } = place(hash)
      await access(path)
      return path
    },

    async remove(hash) {
      await rm(place(hash).path, { force: true })
    },

    list: () => listBlobs(shelves),
  }
}

function isHash(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name)
}

/** The names in the folders, read as they are asked for. What is no blob is somebody else's. */
async function* listBlobs(shelves: string): AsyncGenerator<string> {
  for (const shelf of await readdir(shelves, { withFileTypes: true })) {
    if (!shelf.isDirectory()) continue
    for await (const entry of await opendir(join(shelves, shelf.name))) {
      if (entry.isFile() && isHash(entry.name)) yield entry.name
    }
  }
}

interface Bounds {
  readonly maxBytes: number
  readonly admit: ((bytes: number) => void) | undefined
}

/** Copies the stream into a new file and counts and hashes what goes by. The bytes have reached the disk when it resolves. */
async function write(
  source: Readable,
  path: string,
  { maxBytes, admit }: Bounds,
): Promise<{ hash: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  // It may fail while the file is being opened; the loop below throws what it failed with.
  source.on('error', () => undefined)
  const file = await open(path, 'wx', 0o600)
  try {
    // Leaving the loop, by a throw too, destroys the source: nothing more is read of it.
    for await (const chunk of source) {
      const bytes = toBytes(chunk)
      size += bytes.byteLength
      if (size > maxBytes) {
        throw new Refusal('PAYLOAD_TOO_LARGE', `The file has more than the ${maxBytes} bytes that are allowed.`, {
          limit: maxBytes,
        })
      }
      admit?.(bytes.byteLength)
      hash.update(bytes)
      await file.writeFile(bytes)
    }
    await file.sync()
  } finally {
    await file.close()
    // A failure to write does not come from the loop's source.
    source.destroy()
  }
  return { hash: hash.digest('hex'), size }
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === 'string') return Buffer.from(chunk)
  throw new TypeError('A file is received as bytes or text.')
}

interface Received {
  readonly path: string
  readonly hash: string
  readonly size: number
  readonly target: { readonly folder: string; readonly path: string }
}

function pendingBlob({ path, hash, size, target }: Received): PendingBlob {
  let keeping: Promise<void> | null = null

  async function move(): Promise<void> {
    await mkdir(target.folder, { recursive: true, mode: 0o700 })
    // Replaces a blob of the same content in one step; who reads the old one goes on reading it.
    await rename(path, target.path)
  }

  return {
    hash,
    size,
    async keep() {
      keeping ??= move()
      try {
        await keeping
      } catch (error) {
        keeping = null
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      await keeping?.catch(() => undefined)
      // Once kept it has moved away, and nothing is left to be removed.
      await rm(path, { force: true })
    },
  }
}

async function removeStale(folder: string, staleMs: number): Promise<void> {
  const newest = Date.now() - staleMs
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    // Another process may just have taken it away.
    const found = await stat(path).catch(() => null)
    // With 0 all of it goes, whatever the clocks say.
    if (found !== null && (staleMs === 0 || found.mtimeMs <= newest)) await rm(path, { force: true, recursive: true })
  }
}
