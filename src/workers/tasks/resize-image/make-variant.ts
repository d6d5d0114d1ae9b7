import { parse } from 'node:path'
import type { FitEnum } from 'sharp'
import type { ArtifactOutput } from '../../../task.ts'
import { formats } from './formats.ts'
import { ImageError } from './image-error.ts'
import { decoding, read, type OpenImage } from './open-image.ts'
import type { WantedVariant } from './schemas.ts'
import { targetSize, type Size } from './target-size.ts'

/** The most of a variant: AVIF takes some ten seconds for as many, within which a job cannot be stopped. */
const maxPixels = 25_000_000

const fits = { INSIDE: 'inside', COVER: 'cover', CONTAIN: 'contain', FILL: 'fill' } as const satisfies Record<
  WantedVariant['fit'],
  keyof FitEnum
>

const transparent = { r: 0, g: 0, b: 0, alpha: 0 }

/** Throws an `ImageError` for a variant that would be too large; `number` is its place, from 1. */
export function assertNotTooLarge(image: OpenImage, wanted: WantedVariant, number: number): void {
  const { width, height } = targetSize(image, wanted)
  if (width * height <= maxPixels) return
  const most = maxPixels.toLocaleString('en')
  throw new ImageError(`Variant ${number} would be ${width} × ${height} pixels; at most ${most} pixels are written.`)
}

export interface Variant extends Size {
  readonly file: ArtifactOutput & { readonly data: Uint8Array }
}

/** Makes one variant of an image, which bears the name of the image's file with its size. */
export async function makeVariant(image: OpenImage, fileName: string, wanted: WantedVariant): Promise<Variant> {
  const format = formats[wanted.format]
  const resized = read(image.path).resize({
    // `undefined` is as good as not given, though sharp's types do not say so.
    ...(wanted.width === undefined ? {} : { width: wanted.width }),
    ...(wanted.height === undefined ? {} : { height: wanted.height }),
    fit: fits[wanted.fit],
    withoutEnlargement: !wanted.enlarge,
    background: transparent,
  })
  const { data, info } = await decoding(() =>
    format.encode(resized, wanted.quality).toBuffer({ resolveWithObject: true }),
  )
  const name = `${parse(fileName).name}-${info.width}x${info.height}.${format.extension}`
  return {
    width: info.width,
    height: info.height,
    file: { fileName: name, mediaType: format.mediaType, data },
  }
}
