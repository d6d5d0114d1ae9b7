import { open } from 'node:fs/promises'
import { ImageError } from './image-error.ts'

interface Signature {
  /** Where in the file the text stands. */
  readonly at: number
  /** One byte per character. */
  readonly text: string
}

/**
 * The kinds of image that are read, by what their first bytes are. The decoder is never shown anything else: an SVG or a
 * PDF is a program of a kind, that may unfold to any size or ask for other files.
 */
const kinds: readonly (readonly Signature[])[] = [
  [{ at: 0, text: '\xff\xd8\xff' }],
  [{ at: 0, text: '\x89PNG\r\n\x1a\n' }],
  [
    { at: 0, text: 'RIFF' },
    { at: 8, text: 'WEBP' },
  ],
  [{ at: 4, text: 'ftypavif' }],
  [{ at: 4, text: 'ftypavis' }],
  [{ at: 0, text: 'GIF87a' }],
  [{ at: 0, text: 'GIF89a' }],
  [{ at: 0, text: 'II*\0' }],
  [{ at: 0, text: 'MM\0*' }],
]

/** Kinds that are refused by their name, since somebody may well send them. */
const refused: readonly (readonly [RegExp, string])[] = [
  [/^....ftyp(?:heic|heix|hevc|mif1)/s, 'The file is a HEIC image, as phones make them. Save it as JPEG.'],
  [/^(?:\xef\xbb\xbf)?\s*<(?:svg|\?xml|!)/i, 'The file is an SVG drawing, which has no pixels to resize.'],
  [/^%PDF-/, 'The file is a PDF document.'],
]

const headBytes = 64

/** Throws an `ImageError` for a file that by its first bytes is no image of these kinds. */
export async function assertImage(path: string): Promise<void> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
  if (bytesRead === 0) throw new ImageError('The file is empty.')
  const head = buffer.toString('latin1', 0, bytesRead)
  if (kinds.some((signatures) => signatures.every(({ at, text }) => head.startsWith(text, at)))) return
  const known = refused.find(([pattern]) => pattern.test(head))
  throw new ImageError(known?.[1] ?? 'The file is no image that is read here: JPEG, PNG, WebP, AVIF, GIF and TIFF are.')
}
