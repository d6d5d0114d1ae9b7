import { z } from '../../../task.ts'
import { paletteName } from './palettes.ts'

/** The most iterations that a job may need: points that never escape take all of theirs. Some hours of a core. */
const maxIterations = 5_000_000_000_000
/** Points must lie so many of the smallest steps of a number apart, or neighbours would be one. */
const minUlps = 4

const coordinate = z.number().min(-4).max(4)

export const fractalInput = z
  .object({
    set: z
      .enum(['MANDELBROT', 'JULIA'])
      .default('MANDELBROT')
      .describe(
        'MANDELBROT takes each point as the c of z → z² + c, starting at 0; JULIA as the start, with one c for all.',
      ),
    constant: z
      .object({
        re: z.number().min(-2).max(2).describe('Its real part.'),
        im: z.number().min(-2).max(2).describe('Its imaginary part.'),
      })
      .default({ re: -0.8, im: 0.156 })
      .describe('The c of a Julia set, at most 2 from 0. Without it -0.8 + 0.156 i.'),
    centre: z
      .object({
        re: coordinate.describe('The real part, which grows to the right.'),
        im: coordinate.describe('The imaginary part, which grows upwards.'),
      })
      .default({ re: -0.5, im: 0 })
      .describe('The number in the middle of the picture. Without it -0.5.'),
    span: z
      .number()
      .min(1e-13)
      .max(16)
      .default(3.5)
      .describe('How much of the complex plane the width of the picture shows.'),
    width: z.int32().min(16).max(8_192).default(1_024).describe('Pixels across.'),
    height: z
      .int32()
      .min(16)
      .max(8_192)
      .default(768)
      .describe('Pixels down. Of the very largest pictures the file may be over the size limit.'),
    iterations: z
      .int32()
      .min(1)
      .max(1_000_000)
      .default(1_000)
      .describe('A point that has not escaped after so many steps is taken to be inside. The deeper the more.'),
    samples: z
      .int32()
      .min(1)
      .max(4)
      .default(1)
      .describe('Points along each side of a pixel, whose colours are mixed: 2 is four times the work and smooth.'),
    palette: paletteName.default('CLASSIC').describe('The colours outside of the set; inside is black.'),
    colourCycles: z
      .number()
      .min(0.01)
      .max(100)
      .default(1)
      .describe('How fast the colours change: how often the palette comes round in the first 100 steps to escape.'),
    preview: z
      .boolean()
      .default(true)
      .describe('Whether each tile is a partial result with a picture of its own as soon as it is there.'),
  })
  .refine(({ constant }) => Math.hypot(constant.re, constant.im) <= 2, {
    path: ['constant'],
    error: 'The constant may be 2 from 0 at most: beyond, every point escapes.',
  })
  .refine(({ centre, span, width, samples }) => span / (width * samples) >= minUlps * ulpOf(centre), {
    path: ['span'],
    error: 'That is deeper than numbers of 64 bits reach at this place: take a wider span or fewer pixels.',
  })
  .refine(({ width, height, samples, iterations }) => width * height * samples ** 2 * iterations <= maxIterations, {
    path: ['iterations'],
    error: `Points times iterations may be ${maxIterations.toLocaleString('en')} at most.`,
  })

export type FractalInput = z.output<typeof fractalInput>

/** An upper bound of the distance between two neighbouring numbers there. */
function ulpOf({ re, im }: { readonly re: number; readonly im: number }): number {
  return Number.EPSILON * Math.max(Math.abs(re), Math.abs(im))
}
