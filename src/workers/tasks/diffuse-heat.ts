import { defineTask } from '../../task.ts'
import { heatInput } from './diffuse-heat/heat-input.ts'
import { heatFrame, heatOutput } from './diffuse-heat/heat-output.ts'
import { createRowSummaries, warmthOf } from './diffuse-heat/row-summaries.ts'
import { haloDepth, spreadHeat } from './diffuse-heat/spread-heat.ts'
import { stepsOf } from './diffuse-heat/time-steps.ts'

export default defineTask({
  name: 'diffuseHeat',
  description:
    'Lets heat spread over a plate (the heat equation in two dimensions, explicit finite differences) and paints it as it goes: every thread has a strip of the plate and tells its neighbours the edges.',
  version: '1',
  input: heatInput,
  output: heatOutput,
  partial: heatFrame,
  timeoutMs: 60 * 60_000,
  memoizeFor: '30d',
  shards: {
    plan({ rows, columns }, { threads }) {
      const shards = Math.min(threads, Math.floor(rows / haloDepth))
      const cut = (index: number): number => Math.floor((rows * index) / shards)
      return {
        parts: Array.from({ length: shards }, (_, index) => ({ first: cut(index), end: cut(index + 1) })),
        shared: {
          summaries: createRowSummaries(rows),
          pixels: new Uint8Array(new SharedArrayBuffer(3 * rows * columns)),
        },
      }
    },
    run: spreadHeat,
    reduce([frames = []], { input, shared }) {
      const { rows, columns, spacing, ambient } = input
      const warmth = warmthOf(shared.summaries, columns)
      const heat = (warmth.mean - ambient) * rows * columns * spacing * spacing
      return { frames: [...frames], steps: stepsOf(input), ...warmth, heat }
    },
  },
})
