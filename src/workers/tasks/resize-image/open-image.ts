import sharp, { type Sharp } from 'sharp'
import { ImageError } from './image-error.ts'
import { assertImage } from './assert-image.ts'
import type { Size } from './target-size.ts'

/** As many as a large camera makes; decoded they take 400 MB where the format cannot be read in strips. */
const maxPixels = 100_000_000

/** An image that can be read, in its upright position. */
export interface OpenImage extends Size {
  readonly path: string
}

/**
 * Looks at the head of an image file. Throws an `ImageError` for one that is no image, damaged, animated, or of more than
 * 100 megapixels.
 */
export async function openImage(path: string): Promise<OpenImage> {
  await assertImage(path)
  const { autoOrient, pages = 1 } = await decoding(() => read(path).metadata())
  if (pages > 1) {
    throw new ImageError(
      `The file holds ${pages.toLocaleString('en')} images, as an animation does: only one is resized.`,
    )
  }
  return { path, width: autoOrient.width, height: autoOrient.height }
}

/** The image's pixels, turned as its EXIF orientation says. What else EXIF, XMP and IPTC hold is let go of with the file. */
export function read(path: string): Sharp {
  // Each thread of the pool is to take one core, and libvips would start threads of its own: one of them, no cache.
  sharp.concurrency(1)
  sharp.cache(false)
  return sharp(path, { limitInputPixels: maxPixels, failOn: 'warning', autoOrient: true })
}

/** Runs a step of the decoder, and tells what it finds wrong with a file in a sentence. */
export async function decoding<Result>(step: () => Promise<Result>): Promise<Result> {
  try {
    return await step()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (message.includes('exceeds pixel limit')) {
      throw new ImageError(`The image has more than ${maxPixels.toLocaleString('en')} pixels, the most that are read.`)
    }
    const [reason = ''] = message.replace(/^\w+: /, '').split('\n')
    if (/too large for the \w+ format/i.test(message)) throw new ImageError(`A variant cannot be written: ${reason}.`)
    throw new ImageError(`The image cannot be decoded: it is damaged or cut short (${reason.replace(/[.:\s]+$/, '')}).`)
  }
}
