import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import resizeImage from '../../../../src/workers/tasks/resize-image.ts'
import { recordingContext, type RecordingContext } from '../recording-context.ts'
import { imageHeader } from './image-header.ts'

const photograph = join(import.meta.dirname, '../../../../examples/data/black-canyon.jpg')

type Task = typeof resizeImage
type Output = Awaited<ReturnType<Task['run']>>
type Context = RecordingContext<Parameters<Parameters<Task['run']>[1]['emit']>[0]>

async function resize(
  path: string,
  variants: readonly object[],
  context?: Context,
): Promise<Output & { context: Context }> {
  const recording = context ?? (await recordingContext(path))
  const output = await resizeImage.run(resizeImage.input.parse({ file: 'art_1', variants }), recording)
  return { ...resizeImage.output.parse(output), context: recording }
}

describe('resizeImage', () => {
  let folder: string
  const at = (name: string): string => join(folder, name)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-image-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function write(name: string, content: Uint8Array | string): Promise<string> {
    await writeFile(at(name), content)
    return at(name)
  }

  it('writes each variant in its format and size, as the bytes of the files say themselves', async () => {
    const { width, height, variants, context } = await resize(photograph, [
      { width: 512, format: 'WEBP' },
      { width: 320, format: 'AVIF' },
      { height: 150, format: 'JPEG', quality: 60 },
      { width: 128, height: 128, fit: 'COVER', format: 'PNG' },
      { width: 200, height: 200, fit: 'CONTAIN', format: 'WEBP' },
      { width: 90, height: 30, fit: 'FILL', format: 'JPEG' },
      {},
    ])
    expect({ width, height }).toEqual({ width: 1024, height: 750 })
    expect(variants.map(({ format, width: w, height: h }) => [format, w, h])).toEqual([
      ['WEBP', 512, 375],
      ['AVIF', 320, 234],
      ['JPEG', 205, 150],
      ['PNG', 128, 128],
      ['WEBP', 200, 200],
      ['JPEG', 90, 30],
      ['WEBP', 1024, 750],
    ])
    for (const [index, variant] of variants.entries()) {
      const file = context.written[index]
      expect(variant.file).toBe(`file_${index}`)
      expect(imageHeader(file?.bytes ?? Buffer.alloc(0))).toEqual({
        format: variant.format,
        width: variant.width,
        height: variant.height,
      })
      expect(file?.bytes.length).toBe(variant.bytes)
      expect(context.partials[index]).toEqual({ index, variant })
    }
    expect(context.written[0]).toMatchObject({ fileName: 'black-canyon-512x375.webp', mediaType: 'image/webp' })
    expect(context.written[2]).toMatchObject({ fileName: 'black-canyon-205x150.jpg', mediaType: 'image/jpeg' })
    expect(context.fractions.at(-1)).toBe(1)
  })

  it('shows what the photograph shows: each pixel is near the mean of those it stands for', async () => {
    // 1024 × 750 by 8, without a rest in the width: each pixel stands for a square of 8 × 8.
    const formats = ['PNG', 'JPEG', 'WEBP', 'AVIF']
    const { context } = await resize(
      photograph,
      formats.map((format) => ({ width: 128, height: 93, fit: 'FILL', format })),
    )
    const original = await sharp(photograph).removeAlpha().toColourspace('srgb').raw().toBuffer()
    /** What 8 × 8 pixels of the photograph are in the mean. */
    const meanAt = (x: number, y: number, channel: number): number => {
      const top = Math.floor((y * 750) / 93)
      let sum = 0
      for (let at = 0; at < 64; at += 1) {
        sum += original[((top + (at >> 3)) * 1024 + x * 8 + (at & 7)) * 3 + channel] ?? 0
      }
      return sum / 64
    }
    for (const { bytes } of context.written) {
      const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
      expect(info).toMatchObject({ width: 128, height: 93, channels: 3 })
      let difference = 0
      for (const [at, value] of data.entries()) {
        const pixel = Math.floor(at / 3)
        difference += Math.abs(value - meanAt(pixel % 128, Math.floor(pixel / 128), at % 3))
      }
      // In steps of 256: what sharpening filters and lossy formats take and give.
      expect(difference / data.length).toBeLessThan(6)
    }
  })

  it('stands upright as its EXIF orientation says, and tells nobody where it was taken', async () => {
    // Left half red, right half blue; orientation 6: the camera was turned, the viewer turns it right by 90 degrees.
    const half = { width: 60, height: 80, channels: 3, background: 'blue' } as const
    const sideways = await sharp({ create: { ...half, width: 120, background: 'red' } })
      .composite([{ input: await sharp({ create: half }).png().toBuffer(), left: 60, top: 0 }])
      .withExif({
        IFD0: { Artist: 'A. Nonymous' },
        IFD3: {
          GPSLatitudeRef: 'N',
          GPSLatitude: '36/1 1/1 0/1',
          GPSLongitudeRef: 'W',
          GPSLongitude: '114/1 44/1 0/1',
        },
      })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    const before = await sharp(sideways).metadata()
    expect(before.orientation).toBe(6)
    expect(before.exif?.includes('A. Nonymous')).toBe(true)
    const { width, height, context } = await resize(await write('sideways.jpg', sideways), [
      { format: 'PNG' },
      { format: 'JPEG' },
      { format: 'WEBP' },
      { format: 'AVIF' },
    ])
    expect({ width, height }).toEqual({ width: 80, height: 120 })
    for (const { bytes } of context.written) {
      const after = await sharp(bytes).metadata()
      expect(after).toMatchObject({ width: 80, height: 120 })
      expect([after.exif, after.xmp, after.iptc, after.icc, after.orientation]).toEqual(Array(5).fill(undefined))
      expect(bytes.includes('A. Nonymous') || bytes.includes('Exif\0\0') || bytes.includes('GPS')).toBe(false)
      const pixels = await sharp(bytes).removeAlpha().raw().toBuffer()
      const pixel = (x: number, y: number): readonly string[] =>
        [0, 1, 2].map((channel) => ((pixels[(y * 80 + x) * 3 + channel] ?? 0) > 128 ? 'high' : 'low'))
      expect(pixel(40, 20)).toEqual(['high', 'low', 'low'])
      expect(pixel(40, 100)).toEqual(['low', 'low', 'high'])
    }
  })

  it('lets go of the metadata that the photograph really has', async () => {
    const before = await sharp(photograph).metadata()
    expect(before.xmp?.includes('rights@getty.edu')).toBe(true)
    const { context } = await resize(photograph, [{ width: 64, format: 'JPEG' }])
    expect(context.written[0]?.bytes.includes('getty')).toBe(false)
    const after = await sharp(context.written[0]?.bytes).metadata()
    expect([after.exif, after.xmp, after.icc]).toEqual([undefined, undefined, undefined])
  })

  it('keeps what is transparent, and makes it white where the format knows no transparency', async () => {
    const clear = { r: 0, g: 0, b: 0, alpha: 0 }
    const png = await sharp({ create: { width: 4, height: 4, channels: 4, background: clear } })
      .png()
      .toBuffer()
    const path = await write('clear.png', png)
    const { context } = await resize(path, [{ format: 'WEBP' }, { format: 'JPEG' }])
    const [webp, jpeg] = await Promise.all(context.written.map(({ bytes }) => sharp(bytes).raw().toBuffer()))
    expect(webp?.[3]).toBe(0)
    expect([...(jpeg ?? [])]).toEqual(Array(48).fill(255))
  })

  it('enlarges only where it is asked to', async () => {
    const { variants } = await resize(photograph, [{ width: 1100 }, { width: 1100, enlarge: true, format: 'JPEG' }])
    expect(variants.map(({ width, height }) => [width, height])).toEqual([
      [1024, 750],
      [1100, 806],
    ])
  })

  it('stops between two variants', async () => {
    const context: Context = await recordingContext(photograph)
    const emit = context.emit
    const cancelling = { ...context, emit: (partial: Parameters<typeof emit>[0]) => emit(partial).then(context.cancel) }
    await expect(resize(photograph, [{ width: 10 }, { width: 20 }, { width: 30 }], cancelling)).rejects.toThrow(
      'The job is to stop.',
    )
    expect(context.written).toHaveLength(1)
  })

  it('keeps to one thread of its decoder', async () => {
    await resize(photograph, [{ width: 16 }])
    expect(sharp.concurrency()).toBe(1)
    expect(sharp.cache(false)).toMatchObject({ memory: { max: 0 }, files: { max: 0 }, items: { max: 0 } })
  })

  describe('refuses', () => {
    async function refusal(
      content: Uint8Array | string,
      variants: readonly object[] = [{ width: 8 }],
    ): Promise<unknown> {
      return resize(await write('refused', content), variants).catch((error: unknown) => error)
    }
    const sentence = (message: string): object => expect.objectContaining({ name: 'ImageError', message })

    it.each([
      ['an empty file', '', 'The file is empty.'],
      ['a text', 'a,b\n1,2\n', 'The file is no image that is read here: JPEG, PNG, WebP, AVIF, GIF and TIFF are.'],
      [
        'a drawing that would unfold without end',
        '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg" width="1000000" height="1000000"><text>&b;</text></svg>',
        'The file is an SVG drawing, which has no pixels to resize.',
      ],
      ['a PDF', '%PDF-1.7\n', 'The file is a PDF document.'],
      [
        'what a phone makes',
        Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1'),
        'The file is a HEIC image, as phones make them. Save it as JPEG.',
      ],
      [
        'a PNG that is nothing but its signature',
        Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
        'The image cannot be decoded: it is damaged or cut short (Input file has corrupt header).',
      ],
    ])('%s', async (_what, content, message) => {
      expect(await refusal(content)).toEqual(sentence(message))
    })

    it('a photograph that is cut short or damaged', async () => {
      const whole = await sharp(photograph).jpeg().toBuffer()
      expect(await refusal(whole.subarray(0, whole.length / 2))).toEqual(
        sentence('The image cannot be decoded: it is damaged or cut short (premature end of JPEG image).'),
      )
      const damaged = Buffer.from(whole)
      damaged.fill(0xff, damaged.length / 2, damaged.length / 2 + 100)
      expect(await refusal(damaged)).toEqual(
        sentence(expect.stringMatching(/^The image cannot be decoded: it is damaged or cut short \(.+\)\.$/)),
      )
    })

    it('an animation, by the number of its images', async () => {
      const frame = (background: string) =>
        sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .png()
          .toBuffer()
      const frames = await Promise.all(['red', 'green', 'blue'].map(frame))
      const animation = sharp(frames, { join: { animated: true } })
      for (const bytes of [await animation.clone().gif().toBuffer(), await animation.clone().webp().toBuffer()]) {
        expect(await refusal(bytes)).toEqual(
          sentence('The file holds 3 images, as an animation does: only one is resized.'),
        )
      }
    })

    it('an image that would not fit the memory, before it is unpacked', async () => {
      // A PNG of 40,000 × 40,000 pixels, by its header only.
      const small = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
        .png()
        .toBuffer()
      const bomb = Buffer.from(small)
      bomb.writeUInt32BE(40_000, 16)
      bomb.writeUInt32BE(40_000, 20)
      bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29)
      expect(await refusal(bomb)).toEqual(
        sentence('The image has more than 100,000,000 pixels, the most that are read.'),
      )
    })

    it('a variant that would be too large, before any is made', async () => {
      const context: Context = await recordingContext(photograph)
      const variants = [{ width: 8 }, { width: 8_000, enlarge: true }]
      await expect(resize(photograph, variants, context)).rejects.toThrow(
        'Variant 2 would be 8000 × 5859 pixels; at most 25,000,000 pixels are written.',
      )
      expect(context.written).toEqual([])
    })
  })
})
