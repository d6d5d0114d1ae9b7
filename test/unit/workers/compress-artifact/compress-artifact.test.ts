import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import compressArtifact from '../../../../src/workers/tasks/compress-artifact.ts'
import { recordingContext, type RecordingContext } from '../recording-context.ts'
import { runShardsHere } from '../shards-here.ts'

const flights = join(import.meta.dirname, '../../../../node_modules/vega-datasets/data/flights-200k.json')

const unpack = { GZIP: gunzipSync, BROTLI: brotliDecompressSync, ZSTD: zstdDecompressSync }

async function compress(path: string, input: object, threads = 1, context?: RecordingContext<unknown>) {
  const recording = context ?? (await recordingContext(path))
  const output = await runShardsHere(compressArtifact, { file: 'art_1', ...input }, recording, threads)
  const bytes = recording.written[0]?.bytes ?? Buffer.alloc(0)
  return { output: compressArtifact.output.parse(output), bytes, context: recording }
}

describe('compressArtifact', () => {
  let folder: string
  let original: Buffer

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-compress-'))
    original = await readFile(flights)
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function write(name: string, content: Uint8Array | string): Promise<string> {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }

  it.each(['GZIP', 'ZSTD', 'BROTLI'] as const)('gives with %s what unpacks to the same bytes', async (format) => {
    const { output, bytes, context } = await compress(flights, { format, level: 2 }, 3)
    expect(unpack[format](bytes).equals(original)).toBe(true)
    expect(output).toEqual({
      file: 'file_0',
      format,
      level: 2,
      bytes: original.length,
      compressedBytes: bytes.length,
      ratio: original.length / bytes.length,
      sha256: createHash('sha256').update(original).digest('hex'),
    })
    expect(output.ratio).toBeGreaterThan(5)
    expect(context.written).toMatchObject([
      { fileName: `flights-200k.json.${{ GZIP: 'gz', ZSTD: 'zst', BROTLI: 'br' }[format]}` },
    ])
    expect([context.counter.value, context.counter.total]).toEqual([original.length, original.length])
  })

  it('gives what gzip itself unpacks', async () => {
    const { bytes } = await compress(flights, {}, 2)
    const path = await write('flights.json.gz', bytes)
    const { stdout } = await promisify(execFile)('gzip', ['-dc', path], { encoding: 'buffer', maxBuffer: 2 ** 26 })
    expect(stdout.equals(original)).toBe(true)
  })

  it('gives the same file for any number of threads', async () => {
    const [one, two, seven] = await Promise.all([1, 2, 7].map((threads) => compress(flights, { level: 1 }, threads)))
    expect(two?.bytes.equals(one?.bytes ?? Buffer.alloc(0))).toBe(true)
    expect(seven?.bytes.equals(one?.bytes ?? Buffer.alloc(0))).toBe(true)
  })

  it.each(['GZIP', 'ZSTD', 'BROTLI'] as const)(
    'compresses with %s a file that is empty, and one of a byte',
    async (format) => {
      for (const content of ['', 'x']) {
        const { output, bytes } = await compress(await write('small', content), { format }, 4)
        expect(unpack[format](bytes).toString()).toBe(content)
        expect(output).toMatchObject({ bytes: content.length, compressedBytes: bytes.length })
      }
    },
  )

  it('compresses a file whose size is just that of its chunks', async () => {
    const twoChunks = original.subarray(0, 2 ** 21)
    const { output, bytes } = await compress(await write('two', twoChunks), { format: 'ZSTD' }, 2)
    expect(zstdDecompressSync(bytes).equals(twoChunks)).toBe(true)
    expect(output.level).toBe(3)
  })

  it('gives chunks to another thread that are tiny when packed', async () => {
    const zeros = Buffer.alloc(5 * 2 ** 20)
    const { bytes } = await compress(await write('zeros', zeros), {}, 3)
    expect(gunzipSync(bytes).equals(zeros)).toBe(true)
  })

  it('becomes smaller by a higher level', async () => {
    for (const [format, low, high] of [
      ['GZIP', 1, 9],
      ['ZSTD', 1, 9],
      ['BROTLI', 0, 9],
    ] as const) {
      const sizes = await Promise.all(
        [low, high].map(async (level) => (await compress(flights, { format, level })).bytes.length),
      )
      expect(sizes[1]).toBeLessThan(sizes[0] ?? 0)
    }
  })

  it.each([
    ['GZIP', 10, 'GZIP has the levels 1 to 9, not 10.'],
    ['GZIP', 0, 'GZIP has the levels 1 to 9, not 0.'],
    ['BROTLI', 12, 'BROTLI has the levels 0 to 11, not 12.'],
    ['ZSTD', 0, 'ZSTD has the levels 1 to 19, not 0.'],
  ])('refuses for %s the level %i', async (format, level, message) => {
    await expect(compress(flights, { format, level })).rejects.toThrow(message)
  })

  it.each(['GZIP', 'ZSTD', 'BROTLI'] as const)('stops with %s between two chunks', async (format) => {
    const context = await recordingContext<unknown>(flights)
    const counter = {
      value: 0,
      total: 0,
      add: (by = 1): number => {
        if (counter.value > 2 ** 21) context.cancel()
        return (counter.value += by)
      },
    }
    await expect(compress(flights, { format, level: 1 }, 2, { ...context, counter })).rejects.toThrow(/to stop|aborted/)
    expect(counter.value).toBeLessThan(original.length)
    expect(context.written).toEqual([])
  })

  it('tells of a file that has become shorter', async () => {
    const path = await write('shrunk', original.subarray(0, 2 ** 21))
    const context = await recordingContext<unknown>(path)
    await writeFile(path, 'gone')
    await expect(compress(path, {}, 1, context)).rejects.toThrow('The file ends before its 2,097,152 bytes.')
  })
})
