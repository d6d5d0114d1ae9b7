import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ComputePool } from '../../src/ports/compute-pool.ts'
import { openPool } from '../../src/workers/pool.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { imageHeader } from '../unit/workers/resize-image/image-header.ts'
import { createRecorder, failure, request, run } from './open-test-pool.ts'

const data = join(import.meta.dirname, '../../examples/data')
const taskFiles = [join(import.meta.dirname, '../../src/workers/tasks/resize-image.ts')]

const artifact = (name: string) => ({
  id: 'art_image',
  fileName: name,
  mediaType: 'application/octet-stream',
  size: 1,
  path: join(data, name),
})

describe('resizeImage in a thread', () => {
  let pool: ComputePool

  beforeAll(async () => {
    pool = openPool({ threads: 2, taskFiles, logger: collectingLogger() })
    await pool.describe()
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  it('hands over each variant as a file, and tells of it at once', async () => {
    const recorder = createRecorder()
    const variants = [{ width: 320, format: 'AVIF' }, { width: 160 }, { width: 512, format: 'JPEG' }]
    const attempt = request(
      'resizeImage',
      { file: 'art_image', variants },
      { artifacts: [artifact('black-canyon.jpg')] },
    )
    const ended = await run(pool, attempt, recorder)
    const files = recorder.said.filter((said) => said.type === 'file')
    const made = [
      { file: 'art_1', width: 320, height: 234, format: 'AVIF' },
      { file: 'art_2', width: 160, height: 117, format: 'WEBP' },
      { file: 'art_3', width: 512, height: 375, format: 'JPEG' },
    ].map((variant, index) => ({ ...variant, bytes: files[index]?.text.length }))
    expect(ended).toEqual({ type: 'succeeded', output: { width: 1024, height: 750, variants: made } })
    expect(files.map(({ text }) => imageHeader(Buffer.from(text, 'latin1')))).toEqual(
      made.map(({ format, width, height }) => ({ format, width, height })),
    )
    // A file, then the partial result that names it.
    const order = recorder.said.flatMap((said) => (said.type === 'progress' ? [] : [said.type]))
    expect(order).toEqual(['file', 'partial', 'file', 'partial', 'file', 'partial'])
    expect(recorder.said.filter((said) => said.type === 'partial').map(({ data: partial }) => partial)).toEqual(
      made.map((variant, index) => ({ index, variant })),
    )
  })

  it('ends between two variants when it is cancelled', async () => {
    const controller = new AbortController()
    const recorder = createRecorder(async () => controller.abort())
    const variants = Array.from({ length: 12 }, () => ({ width: 32 }))
    const attempt = request(
      'resizeImage',
      { file: 'art_image', variants },
      { artifacts: [artifact('black-canyon.jpg')] },
    )
    expect(await run(pool, attempt, recorder, controller.signal)).toEqual({ type: 'cancelled' })
    expect(recorder.paths.length).toBeLessThan(12)
  })

  it('fails with a sentence for what is no image', async () => {
    const attempt = request(
      'resizeImage',
      { file: 'art_image', variants: [{}] },
      { artifacts: [artifact('penguins.csv')] },
    )
    expect(await run(pool, attempt, createRecorder())).toEqual(
      failure('TASK_ERROR', 'The file is no image that is read here: JPEG, PNG, WebP, AVIF, GIF and TIFF are.'),
    )
  })

  it.each([
    [{ variants: [] }, 'variants'],
    [{ variants: Array.from({ length: 13 }, () => ({})) }, 'variants'],
    [{ variants: [{ width: 0 }] }, 'variants.0.width'],
    [{ variants: [{ quality: 101 }] }, 'variants.0.quality'],
    [{ variants: [{ format: 'BMP' }] }, 'variants.0.format'],
  ])('refuses %j', async (input, path) => {
    const attempt = request(
      'resizeImage',
      { file: 'art_image', ...input },
      { artifacts: [artifact('black-canyon.jpg')] },
    )
    const ended = await run(pool, attempt, createRecorder())
    expect(ended).toMatchObject({ type: 'failed', error: { code: 'TASK_ERROR' } })
    expect(JSON.stringify(ended)).toContain(`The input is not valid. ${path}`)
  })
})
