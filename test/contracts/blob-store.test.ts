import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { fileBlobStore } from '../../src/adapters/local/file-blob-store.ts'
import type { BlobStore } from '../../src/ports/blob-store.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

interface Bench extends AsyncDisposable {
  readonly folder: string
  readonly blobs: BlobStore
  /** The names of what is being received. */
  pending(): Promise<readonly string[]>
  /** The paths of all blobs, without their folder. */
  kept(): Promise<readonly string[]>
}

async function openBench(): Promise<Bench> {
  const folder = await makeTestFolder()
  const blobs = await fileBlobStore({ folder: folder.path })
  return {
    folder: folder.path,
    blobs,
    pending: () => readdir(join(folder.path, 'tmp')),
    kept: async () => {
      const shelves = await readdir(join(folder.path, 'blobs')).catch(() => [])
      const names = shelves.map(async (shelf) =>
        (await readdir(join(folder.path, 'blobs', shelf))).map((name) => `${shelf}/${name}`),
      )
      return (await Promise.all(names)).flat()
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const limit = 10_000_000

describe('the blob store in a folder', () => {
  it('receives a stream, names it by its hash, and keeps it', async () => {
    await using bench = await openBench()
    const bytes = randomBytes(300_000)
    const chunks = Array.from({ length: 30 }, (_, index) => bytes.subarray(index * 10_000, (index + 1) * 10_000))
    await using blob = await bench.blobs.receive(Readable.from(chunks), limit)
    expect({ hash: blob.hash, size: blob.size }).toEqual({ hash: sha256(bytes), size: 300_000 })
    expect(await bench.kept()).toEqual([])
    await blob.keep()
    expect(await bench.kept()).toEqual([`${blob.hash.slice(0, 2)}/${blob.hash}`])
    expect(await bench.pending()).toEqual([])
    expect(await buffer(await bench.blobs.read(blob.hash))).toEqual(bytes)
    expect(await readFile(await bench.blobs.localPath(blob.hash))).toEqual(bytes)
  })

  it('receives a file of this machine and leaves it there, under the same limits', async () => {
    await using bench = await openBench()
    const path = join(bench.folder, 'written')
    const bytes = randomBytes(100_000)
    await writeFile(path, bytes)
    const admitted: number[] = []
    await using blob = await bench.blobs.receiveFile(path, limit, (size) => admitted.push(size))
    await blob.keep()
    expect(await buffer(await bench.blobs.read(sha256(bytes)))).toEqual(bytes)
    expect(admitted.reduce((sum, size) => sum + size, 0)).toBe(100_000)
    expect(await readFile(path)).toEqual(bytes)
    await expect(bench.blobs.receiveFile(path, 99_999)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    await expect(bench.blobs.receiveFile(join(bench.folder, 'none'), limit)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(bench.blobs.receiveFile(bench.folder, limit)).rejects.toMatchObject({ code: 'EISDIR' })
    await symlink(path, join(bench.folder, 'link'))
    await expect(bench.blobs.receiveFile(join(bench.folder, 'link'), limit)).rejects.toMatchObject({ code: 'ELOOP' })
    expect(await bench.pending()).toEqual([])
  })

  it('takes text and nothing at all', async () => {
    await using bench = await openBench()
    const received = [
      await bench.blobs.receive(Readable.from(['é']), limit),
      await bench.blobs.receive(Readable.from([]), limit),
    ]
    for (const blob of received) await blob.keep()
    expect(received.map(({ size }) => size)).toEqual([2, 0])
    const read = await Promise.all(received.map(async ({ hash }) => buffer(await bench.blobs.read(hash))))
    expect(read.map(String)).toEqual(['é', ''])
  })

  it('reads a range with both ends included', async () => {
    await using bench = await openBench()
    await using blob = await bench.blobs.receive(Readable.from([Buffer.from('0123456789')]), limit)
    await blob.keep()
    const range = async (start: number, end: number) =>
      String(await buffer(await bench.blobs.read(blob.hash, { start, end })))
    expect(await range(0, 0)).toBe('0')
    expect(await range(3, 5)).toBe('345')
    expect(await range(8, 99)).toBe('89')
  })

  it('leaves nothing behind of what is not kept', async () => {
    await using bench = await openBench()
    {
      await using blob = await bench.blobs.receive(Readable.from(['abc']), limit)
      expect(await bench.pending()).toHaveLength(1)
      expect(blob.size).toBe(3)
    }
    expect(await bench.pending()).toEqual([])
    expect(await bench.kept()).toEqual([])
  })

  it('stops reading past the limit, and leaves nothing behind', async () => {
    await using bench = await openBench()
    let sent = 0
    const endless = Readable.from(
      (function* () {
        for (;;) {
          sent += 1000
          yield Buffer.alloc(1000)
        }
      })(),
    )
    await expect(bench.blobs.receive(endless, 5000)).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: 'The file has more than the 5000 bytes that are allowed.',
    })
    expect(endless.destroyed).toBe(true)
    // What the stream had read ahead, and not what it never ends to have.
    expect(sent).toBeLessThan(100_000)
    expect(await bench.pending()).toEqual([])
    await using exact = await bench.blobs.receive(Readable.from([Buffer.alloc(5000)]), 5000)
    expect(exact.size).toBe(5000)
  })

  it('leaves nothing behind when the source fails or is cut off, at any moment', async () => {
    await using bench = await openBench()
    const failing = Readable.from(
      (async function* () {
        yield Buffer.from('some')
        throw new Error('the network is gone')
      })(),
    )
    await expect(bench.blobs.receive(failing, limit)).rejects.toThrow('the network is gone')

    const cut = new Readable({ read() {} })
    const receiving = bench.blobs.receive(cut, limit)
    cut.push('some')
    setTimeout(() => cut.destroy(), 10)
    await expect(receiving).rejects.toThrow('Premature close')

    const dead = new Readable({ read() {} })
    const tooLate = bench.blobs.receive(dead, limit)
    dead.destroy(new Error('before the first byte'))
    await expect(tooLate).rejects.toThrow('before the first byte')
    expect(await bench.pending()).toEqual([])
  })

  it('keeps the same content once, however often and at once it comes', async () => {
    await using bench = await openBench()
    const bytes = randomBytes(50_000)
    const blobs = await Promise.all(Array.from({ length: 8 }, () => bench.blobs.receive(Readable.from([bytes]), limit)))
    await Promise.all(blobs.flatMap((blob) => [blob.keep(), blob.keep()]))
    for (const blob of blobs) await blob[Symbol.asyncDispose]()
    expect(await bench.kept()).toHaveLength(1)
    expect(await bench.pending()).toEqual([])
    expect(await buffer(await bench.blobs.read(sha256(bytes)))).toEqual(bytes)
  })

  it('goes on giving a reader its bytes while the same content is kept again', async () => {
    await using bench = await openBench()
    const bytes = randomBytes(500_000)
    const first = await bench.blobs.receive(Readable.from([bytes]), limit)
    await first.keep()
    const stream = await bench.blobs.read(first.hash)
    const again = await bench.blobs.receive(Readable.from([bytes]), limit)
    await again.keep()
    expect(await buffer(stream)).toEqual(bytes)
  })

  it('throws for a blob that is not there, and for what is no hash', async () => {
    await using bench = await openBench()
    await expect(bench.blobs.read('00'.repeat(32))).rejects.toThrow('ENOENT')
    await expect(bench.blobs.localPath('00'.repeat(32))).rejects.toThrow('ENOENT')
    for (const name of ['../../secret', '', 'AB'.repeat(32)]) {
      await expect(bench.blobs.read(name)).rejects.toThrow('A blob is named by a SHA-256 in hex.')
      await expect(bench.blobs.localPath(name)).rejects.toThrow(TypeError)
    }
  })

  it('asks before it writes each chunk, and leaves nothing behind of what is not admitted', async () => {
    await using bench = await openBench()
    const admitted: number[] = []
    const chunks = () => Readable.from(['abc', 'de', 'f'])
    await using blob = await bench.blobs.receive(chunks(), limit, (bytes) => admitted.push(bytes))
    expect(admitted).toEqual([3, 2, 1])
    expect(await bench.pending()).toHaveLength(1)
    const source = chunks()
    const refused = bench.blobs.receive(source, limit, (bytes) => {
      if (bytes < 3) throw new Error('no more')
    })
    await expect(refused).rejects.toThrow('no more')
    expect(source.destroyed).toBe(true)
    expect(await bench.pending()).toHaveLength(1)
    expect(blob.size).toBe(6)
  })

  it('lists the blobs, and nothing else that lies there', async () => {
    await using bench = await openBench()
    expect(await Array.fromAsync(bench.blobs.list())).toEqual([])
    const kept: string[] = []
    for (const content of ['a', 'b', 'c']) {
      await using blob = await bench.blobs.receive(Readable.from([content]), limit)
      await blob.keep()
      kept.push(blob.hash)
    }
    await using pending = await bench.blobs.receive(Readable.from(['pending']), limit)
    await writeFile(join(bench.folder, 'blobs', 'notes'), 'mine')
    await writeFile(join(bench.folder, 'blobs', kept[0]?.slice(0, 2) ?? '', 'notes'), 'mine')
    const listed = await Array.fromAsync(bench.blobs.list())
    expect(listed.toSorted()).toEqual(kept.toSorted())
    expect(listed).not.toContain(pending.hash)
  })

  it('removes a blob, also twice, while its reader reads on, and keeps it again', async () => {
    await using bench = await openBench()
    const bytes = randomBytes(500_000)
    const keep = async () => {
      await using blob = await bench.blobs.receive(Readable.from([bytes]), limit)
      await blob.keep()
    }
    await keep()
    const stream = await bench.blobs.read(sha256(bytes))
    await Promise.all([bench.blobs.remove(sha256(bytes)), bench.blobs.remove(sha256(bytes))])
    expect(await bench.kept()).toEqual([])
    expect(await buffer(stream)).toEqual(bytes)
    await keep()
    expect(await bench.kept()).toHaveLength(1)
    await expect(bench.blobs.remove('../../secret')).rejects.toThrow('A blob is named by a SHA-256 in hex.')
  })

  it('removes what a predecessor was receiving when it died, and nothing that is still being received', async () => {
    await using bench = await openBench()
    await using blob = await bench.blobs.receive(Readable.from(['abc']), limit)
    const old = join(bench.folder, 'tmp', 'left-behind')
    await writeFile(old, 'half a file')
    await utimes(old, new Date(), new Date(Date.now() - 2 * 60 * 60 * 1000))
    const reopened = await fileBlobStore({ folder: bench.folder })
    expect(await bench.pending()).toHaveLength(1)
    await blob.keep()
    expect(await buffer(await reopened.read(blob.hash))).toEqual(Buffer.from('abc'))
    await writeFile(old, 'half a file')
    await fileBlobStore({ folder: bench.folder, staleMs: 0 })
    expect(await bench.pending()).toEqual([])
    expect(await bench.kept()).toHaveLength(1)
  })

  it('does not hold a large file in memory', async () => {
    await using bench = await openBench()
    const [count, bytes] = [3200, 64 * 1024]
    const before = process.memoryUsage().rss
    let most = before
    const large = Readable.from(
      (function* () {
        for (let n = 0; n < count; n += 1) {
          if (n % 100 === 0) most = Math.max(most, process.memoryUsage().rss)
          yield Buffer.alloc(bytes, n)
        }
      })(),
    )
    await using blob = await bench.blobs.receive(large, 2 ** 30)
    most = Math.max(most, process.memoryUsage().rss)
    expect(blob.size).toBe(count * bytes)
    expect(most - before).toBeLessThan((count * bytes) / 2)
  })
})
