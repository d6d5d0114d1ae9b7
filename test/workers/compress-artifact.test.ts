import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ComputePool } from '../../src/ports/compute-pool.ts'
import { openPool } from '../../src/workers/pool.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { createRecorder, failure, request, run, type Recorder } from './open-test-pool.ts'

const flights = join(import.meta.dirname, '../../node_modules/vega-datasets/data/flights-200k.json')
const taskFiles = [join(import.meta.dirname, '../../src/workers/tasks/compress-artifact.ts')]

describe('compressArtifact in threads', () => {
  let pool: ComputePool
  let original: Buffer

  beforeAll(async () => {
    original = await readFile(flights)
    pool = openPool({ threads: 3, taskFiles, logger: collectingLogger() })
    await pool.describe()
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  function attempt(input: object, path = flights, size = original.length) {
    const artifacts = [{ id: 'art_file', fileName: 'flights.json', mediaType: 'application/json', size, path }]
    return request('compressArtifact', { file: 'art_file', ...input }, { artifacts })
  }

  function fileOf(recorder: Recorder): Buffer {
    const [file] = recorder.said.filter((said) => said.type === 'file')
    return Buffer.from(file?.text ?? '', 'latin1')
  }

  it.each([
    ['GZIP', 'gz', gunzipSync],
    ['ZSTD', 'zst', zstdDecompressSync],
    ['BROTLI', 'br', brotliDecompressSync],
  ] as const)('writes one %s file out of the chunks of three shards', async (format, extension, unpack) => {
    const recorder = createRecorder()
    const ended = await run(pool, attempt({ format, level: 1 }), recorder)
    const packed = fileOf(recorder)
    expect(ended).toEqual({
      type: 'succeeded',
      output: {
        file: 'art_1',
        format,
        level: 1,
        bytes: original.length,
        compressedBytes: packed.length,
        ratio: original.length / packed.length,
        sha256: createHash('sha256').update(original).digest('hex'),
      },
    })
    expect(unpack(packed).equals(original)).toBe(true)
    expect(recorder.said.find((said) => said.type === 'file')).toMatchObject({ fileName: `flights.json.${extension}` })
    const fractions = recorder.said.flatMap((said) => (said.type === 'progress' ? [said.fraction] : []))
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
    expect(fractions.at(-1)).toBe(1)
  })

  it('holds a few chunks in memory, not the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-compress-'))
    try {
      const path = join(folder, 'large')
      // 192 MiB that compress to little.
      for (let part = 0; part < 3; part += 1)
        await writeFile(path, Buffer.alloc(2 ** 26, `part ${part} `), { flag: 'a' })
      const before = process.memoryUsage().rss
      let most = 0
      const watch = (): void => {
        most = Math.max(most, process.memoryUsage().rss - before)
      }
      const recorder = createRecorder()
      const ended = await run(pool, attempt({ level: 1 }, path, 3 * 2 ** 26), { ...recorder, progress: watch })
      expect(ended).toMatchObject({ type: 'succeeded', output: { bytes: 3 * 2 ** 26 } })
      expect(most).toBeGreaterThan(0)
      expect(most).toBeLessThan(128 * 2 ** 20)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('stops soon when it is cancelled, and hands nothing over', async () => {
    const controller = new AbortController()
    const recorder = createRecorder()
    const stopping = { ...recorder, progress: () => controller.abort() }
    expect(await run(pool, attempt({ format: 'ZSTD', level: 19 }), stopping, controller.signal)).toEqual({
      type: 'cancelled',
    })
    expect(recorder.paths).toEqual([])
  })

  it('fails with a sentence for a level that the format does not have', async () => {
    expect(await run(pool, attempt({ level: 12 }), createRecorder())).toEqual(
      failure('TASK_ERROR', 'GZIP has the levels 1 to 9, not 12.'),
    )
  })
})
