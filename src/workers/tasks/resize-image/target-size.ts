import type { WantedVariant } from './schemas.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** The size that a variant of an image comes out with, to within a pixel. */
export function targetSize(image: Size, { width, height, fit, enlarge }: WantedVariant): Size {
  if (width === undefined && height === undefined) return image
  if (width === undefined || height === undefined) {
    const scale = width === undefined ? (height ?? 1) / image.height : width / image.width
    return scaled(image, enlarge ? scale : Math.min(scale, 1))
  }
  if (fit === 'INSIDE') {
    const scale = Math.min(width / image.width, height / image.height)
    return scaled(image, enlarge ? scale : Math.min(scale, 1))
  }
  // Without enlarging, what is filled may be as small as the image.
  return { width, height }
}

function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}
