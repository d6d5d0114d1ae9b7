import { artifact, z } from '../../../task.ts'

const maxSide = 16_383

export const formatName = z.enum(['WEBP', 'AVIF', 'JPEG', 'PNG'])

const side = z.int32().min(1).max(maxSide).optional()

/** What a variant is to be like. */
export const wantedVariant = z
  .object({
    width: side.describe('In pixels. Without it, it follows from the height; without both, the size stays as it is.'),
    height: side.describe('In pixels. Without it, it follows from the width.'),
    fit: z
      .enum(['INSIDE', 'COVER', 'CONTAIN', 'FILL'])
      .default('INSIDE')
      .describe(
        'What is done where width and height are both given and the image has another shape: INSIDE keeps all of it within them, COVER fills them and cuts off what stands over, CONTAIN fills them and adds margins, FILL distorts it.',
      ),
    enlarge: z
      .boolean()
      .default(false)
      .describe('Whether an image that is smaller is made larger. Otherwise it stays as small as it is.'),
    format: formatName.default('WEBP').describe('What the file is written as.'),
    quality: z
      .int32()
      .min(1)
      .max(100)
      .optional()
      .describe('From 1, small and coarse, to 100. Without it 80, and 55 for AVIF. PNG is lossless and has none.'),
  })
  .describe('One size and format to make of the image.')

/** A variant as it was made. */
export const madeVariant = z
  .object({
    file: artifact().describe('The image.'),
    width: z.int32().describe('In pixels.'),
    height: z.int32().describe('In pixels.'),
    format: formatName.describe('What the file is written as.'),
    bytes: z.int().describe('The size of the file.'),
  })
  .describe('A variant of the image.')

export type WantedVariant = z.output<typeof wantedVariant>
export type FormatName = z.output<typeof formatName>
