import { artifact, z } from '../../../task.ts'

const warmth = {
  min: z.number().describe('The lowest temperature in °C.'),
  max: z.number().describe('The highest temperature in °C.'),
  mean: z.number().describe('The mean temperature of all grid points in °C.'),
}

/** The plate at one time. */
export const heatFrame = z
  .object({
    seconds: z.number().describe('After how many seconds.'),
    picture: artifact().describe(
      'The plate as a PNG of a pixel for each grid point, from the lowest temperature of the start (black) to the highest (light yellow).',
    ),
    ...warmth,
  })
  .describe('The plate at one time.')

export type HeatFrame = z.output<typeof heatFrame>

export const heatOutput = z.object({
  frames: z.array(heatFrame).describe('The plate at equal distances of time, from the start to the end.'),
  steps: z.int().describe('How many time steps were computed.'),
  ...warmth,
  heat: z
    .number()
    .describe(
      'What the temperatures above the ambient one sum up to at the end, times the area of a grid point, in K·mm². Insulated edges keep it as it was.',
    ),
})
