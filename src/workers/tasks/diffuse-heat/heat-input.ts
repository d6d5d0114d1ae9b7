import { z } from '../../../task.ts'
import { stepsOf } from './time-steps.ts'

/** The most temperatures that a job may compute: a few minutes of a core. */
const maxUpdates = 200_000_000_000

const share = z.number().min(0).max(1)
const temperature = z.number().min(-10_000).max(10_000)

const spot = z
  .object({
    across: share.describe('Where its centre lies: 0 is the left edge, 1 the right one.'),
    down: share.describe('0 is the upper edge, 1 the lower one.'),
    radius: z.number().min(0).max(1).describe('As a share of the longer side of the plate.'),
    temperature: temperature.describe('In °C. Where spots overlap, the later one counts.'),
  })
  .describe('A disc of one temperature.')

const initialState = z.discriminatedUnion('shape', [
  z
    .object({
      shape: z.literal('HOT_SPOTS'),
      spots: z.array(spot).min(1).max(64).describe('The discs; between them the plate is at the ambient temperature.'),
    })
    .describe('Hot and cold discs.'),
  z
    .object({
      shape: z.literal('CHECKERBOARD'),
      squares: z.int32().min(1).max(256).default(8).describe('How many squares lie along the longer side.'),
      temperature: temperature.default(100).describe('Of every other square in °C; the rest is at the ambient one.'),
    })
    .describe('Squares.'),
  z
    .object({
      shape: z.literal('WAVE'),
      across: z.int32().min(0).max(64).default(1).describe('How many half waves lie across the plate.'),
      down: z.int32().min(0).max(64).default(1).describe('How many half waves lie down the plate.'),
      amplitude: temperature.default(80).describe('How far it rises above the ambient temperature, in °C.'),
    })
    .describe(
      'A standing wave, a sine between fixed and a cosine between insulated edges: it keeps its form while it decays, at a rate that is known.',
    ),
])

export const heatInput = z
  .object({
    columns: z.int32().min(16).max(2_048).default(256).describe('Grid points across: the width of the pictures.'),
    rows: z.int32().min(16).max(2_048).default(256).describe('Grid points down: the height of the pictures.'),
    spacing: z.number().min(0.001).max(1_000).default(1).describe('The distance between two grid points in mm.'),
    diffusivity: z
      .number()
      .min(0.000_1)
      .max(10_000)
      .default(111)
      .describe('Thermal diffusivity of the plate in mm² a second: copper 111, iron 23, glass 0.34, wood 0.08.'),
    seconds: z.number().min(0).max(1_000_000_000).default(60).describe('How long the heat spreads.'),
    ambient: temperature.default(20).describe('The temperature of all that is not heated or cooled, in °C.'),
    edges: z
      .enum(['FIXED', 'INSULATED'])
      .default('FIXED')
      .describe(
        'FIXED keeps the outermost points at the ambient temperature; INSULATED lets no heat through, so that none is lost.',
      ),
    initial: initialState.describe('How warm the plate is at the start.'),
    frames: z
      .int32()
      .min(2)
      .max(48)
      .default(12)
      .describe(
        'How many pictures are made, equally far apart in time, the first of the start and the last of the end.',
      ),
  })
  .refine((input) => stepsOf(input) * input.columns * input.rows <= maxUpdates, {
    path: ['seconds'],
    error: `Too much to compute: points times time steps may be ${maxUpdates.toLocaleString('en')} at most. Take less time, fewer points or a wider spacing.`,
  })

export type HeatInput = z.output<typeof heatInput>
