import { artifact, z } from '../../../task.ts'

export const fractalTile = z.object({
  x: z.int32().min(0).describe('Where it lies in the picture: pixels from the left.'),
  y: z.int32().min(0).describe('Pixels from the top.'),
  width: z.int32().min(1).describe('Pixels across.'),
  height: z.int32().min(1).describe('Pixels down.'),
  picture: artifact().describe('The tile as a PNG.'),
})

export const fractalOutput = z.object({
  picture: artifact().describe('The whole picture as a PNG.'),
  width: z.int32().min(1).describe('Pixels across.'),
  height: z.int32().min(1).describe('Pixels down.'),
  inside: z.number().describe('The share of the points that did not escape.'),
  area: z
    .number()
    .describe('That share of what the picture shows of the plane: the area of the set, as far as it is seen.'),
  iterations: z
    .int()
    .describe(
      'Steps up to the escape or the limit, of all points together. Points in the two largest bulbs, known to be inside, count none.',
    ),
})
