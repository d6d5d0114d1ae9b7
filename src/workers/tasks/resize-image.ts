import { artifact, defineTask, z } from '../../task.ts'
import { assertNotTooLarge, makeVariant } from './resize-image/make-variant.ts'
import { openImage } from './resize-image/open-image.ts'
import { madeVariant, wantedVariant } from './resize-image/schemas.ts'

export default defineTask({
  name: 'resizeImage',
  description:
    'Makes smaller or other versions of a photograph: up to 12 sizes and formats, each a file that can be had as soon as it is done. They stand upright, are in sRGB, and have no EXIF, such as the place where it was taken.',
  version: '1',
  input: z.object({
    file: artifact().describe('A JPEG, PNG, WebP, AVIF, GIF or TIFF file of at most 100 megapixels; not animated.'),
    variants: z
      .array(wantedVariant)
      .min(1)
      .max(12)
      .describe('What to make of it, at most 25 megapixels each, in the order in which they are wanted.'),
  }),
  output: z.object({
    width: z.int32().describe('The width of the image as it came, upright, in pixels.'),
    height: z.int32().describe('The height of the image as it came, upright, in pixels.'),
    variants: z.array(madeVariant).describe('The variants, in the order of the input.'),
  }),
  partial: z.object({
    index: z.int32().describe('Which of the variants is done, counted from 0.'),
    variant: madeVariant.describe('The variant.'),
  }),
  timeoutMs: 30 * 60_000,
  // The decoder cannot be stopped within a variant: a cancelled job ends after the one it is at.
  graceMs: 30_000,
  async run({ file, variants }, context) {
    const { path, fileName } = context.artifacts.open(file)
    const image = await openImage(path)
    for (const [index, wanted] of variants.entries()) assertNotTooLarge(image, wanted, index + 1)
    const made: z.output<typeof madeVariant>[] = []
    for (const [index, wanted] of variants.entries()) {
      context.throwIfCancelled()
      const { width, height, file: written } = await makeVariant(image, fileName, wanted)
      const id = await context.artifacts.write(written)
      const variant = { file: id, width, height, format: wanted.format, bytes: written.data.length }
      made.push(variant)
      await context.emit({ index, variant })
      context.progress((index + 1) / variants.length, `${index + 1} of ${variants.length} variants`)
    }
    return { width: image.width, height: image.height, variants: made }
  },
})
