import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import type { ShardContext } from '../../../task.ts'
import { createPictureWriter } from '../pictures/picture-writer.ts'
import { exchangeHalos } from './exchange-halos.ts'
import type { HeatInput } from './heat-input.ts'
import type { HeatFrame } from './heat-output.ts'
import { initialTemperature } from './initial-temperature.ts'
import { paintRow } from './paint-row.ts'
import { summarizeRow, warmthOf, type RowSummaries, type Warmth } from './row-summaries.ts'
import { createStrip, type RowRange, type Strip } from './strip.ts'
import { ratioOf, stepOfFrame, stepsOf } from './time-steps.ts'

/** Rows of halo, and so steps between two exchanges: an exchange takes as long as many rows. */
export const haloDepth = 8
/** The thread lets its event loop turn after so many ms, so that a frame gets on its way meanwhile. */
const turnMs = 20

export interface SharedPlate {
  readonly summaries: RowSummaries
  /** Three bytes for each grid point. */
  readonly pixels: Uint8Array<SharedArrayBuffer>
}

type HeatShardContext = ShardContext<HeatInput, HeatFrame, SharedPlate>

/** Computes one strip of the plate through all steps; the first shard keeps the frames and answers them. */
export async function spreadHeat(range: RowRange, context: HeatShardContext): Promise<readonly HeatFrame[]> {
  const { input, shared, shard } = context
  const initial = initialTemperature(input)
  const strip = createStrip({ ...input, ratio: ratioOf(input) }, range, haloDepth, (row, column) => {
    // Many spots on a large plate take seconds.
    if (column === 0) context.throwIfCancelled()
    return initial(row, column)
  })
  const writer = createPictureWriter(context.artifacts)
  const frames: HeatFrame[] = []
  const scale = summarize(strip, context)
  const steps = stepsOf(input)
  let step = 0
  for (let frame = 0; frame < input.frames; frame += 1) {
    step = await advance(strip, { from: step, to: stepOfFrame(input, frame), of: steps }, context)
    paint(strip, scale, context)
    const warmth = summarize(strip, context)
    if (shard.index !== 0) continue
    const seconds = (input.seconds * step) / steps
    // A copy: the other shards paint the next frame while this one is being written.
    const image = { width: input.columns, height: input.rows, pixels: Uint8Array.from(shared.pixels) }
    await writer.begin(image, `heat-${String(frame).padStart(2, '0')}.png`, async (picture) => {
      frames.push({ seconds, picture, ...warmth })
      await context.emit({ seconds, picture, ...warmth })
    })
  }
  await writer.settled()
  return frames
}

/** Lets time pass up to the step `to`, and answers it. */
async function advance(
  strip: Strip,
  { from, to, of }: { readonly from: number; readonly to: number; readonly of: number },
  context: HeatShardContext,
): Promise<number> {
  let turnedAt = performance.now()
  for (let step = from; step < to; step += haloDepth) {
    context.throwIfCancelled()
    exchangeHalos(strip, context.shard)
    strip.advance(Math.min(haloDepth, to - step))
    context.progress(Math.min(to, step + haloDepth) / of)
    if (performance.now() - turnedAt < turnMs) continue
    await setImmediate()
    turnedAt = performance.now()
  }
  return to
}

/** How warm the whole plate is. All shards come here equally often, and none goes on before all have written their rows. */
function summarize({ range, row }: Strip, { input, shared, shard }: HeatShardContext): Warmth {
  for (let index = range.first; index < range.end; index += 1) summarizeRow(shared.summaries, index, row(index))
  shard.barrier()
  return warmthOf(shared.summaries, input.columns)
}

function paint({ range, row }: Strip, scale: Warmth, { input, shared }: HeatShardContext): void {
  const rowBytes = 3 * input.columns
  for (let index = range.first; index < range.end; index += 1) {
    paintRow(row(index), shared.pixels.subarray(index * rowBytes, (index + 1) * rowBytes), scale)
  }
}
