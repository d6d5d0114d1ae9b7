import { defineTask } from '../../task.ts'
import { encodePng } from './pictures/encode-png.ts'
import { fractalInput } from './render-fractal/fractal-input.ts'
import { fractalOutput, fractalTile } from './render-fractal/fractal-output.ts'
import { createCanvas, renderTiles } from './render-fractal/render-tiles.ts'

export default defineTask({
  name: 'renderFractal',
  description:
    'Paints a part of the Mandelbrot set or a Julia set as a PNG. All threads paint into the same shared memory, each taking the next piece when it is free; tiles can be watched as they appear.',
  version: '1',
  input: fractalInput,
  output: fractalOutput,
  partial: fractalTile,
  timeoutMs: 60 * 60_000,
  // Of the largest picture, the PNG is some seconds of native code that nothing can stop.
  graceMs: 10_000,
  memoizeFor: '30d',
  shards: {
    plan(input, { threads, counter }) {
      counter.total = input.width * input.height
      return { parts: Array.from({ length: threads }, (_, index) => index), shared: createCanvas(input) }
    },
    run: (_, context) => renderTiles(context),
    async reduce(tallies, context) {
      const { input, shared, artifacts } = context
      const { width, height, samples, span } = input
      const data = await encodePng({ width, height, pixels: shared.pixels })
      context.throwIfCancelled()
      const picture = await artifacts.write({ fileName: 'fractal.png', mediaType: 'image/png', data })
      const sum = (key: 'inside' | 'iterations'): number => tallies.reduce((total, tally) => total + tally[key], 0)
      const inside = sum('inside') / (width * height * samples * samples)
      return {
        picture,
        width,
        height,
        inside,
        area: (inside * span * span * height) / width,
        iterations: sum('iterations'),
      }
    },
  },
})
