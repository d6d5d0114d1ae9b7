import { setImmediate } from 'node:timers/promises'
import type { z } from '../../../task.ts'
import type { ShardContext } from '../../../task.ts'
import { createPictureWriter } from '../pictures/picture-writer.ts'
import type { FractalInput } from './fractal-input.ts'
import type { fractalTile } from './fractal-output.ts'
import { createAreaRenderer, type Tally } from './render-area.ts'
import { bandOf, bandsPerTile, cutOut, cutTiles } from './tiles.ts'

/** What all shards of a picture work on. */
export interface SharedCanvas {
  /** Three bytes a pixel, row by row. */
  readonly pixels: Uint8Array<SharedArrayBuffer>
  /** One number: how many bands were taken. */
  readonly taken: Int32Array<SharedArrayBuffer>
  /** How many bands of each tile are not rendered yet. */
  readonly bandsLeft: Int32Array<SharedArrayBuffer>
}

export function createCanvas({ width, height }: FractalInput): SharedCanvas {
  const tiles = cutTiles(width, height).length
  return {
    pixels: new Uint8Array(new SharedArrayBuffer(3 * width * height)),
    taken: new Int32Array(new SharedArrayBuffer(4)),
    bandsLeft: new Int32Array(new SharedArrayBuffer(4 * tiles)).fill(bandsPerTile),
  }
}

/** Renders one band after the other as long as there are any; who ends a tile's last band announces the tile. */
export async function renderTiles(
  context: ShardContext<FractalInput, z.output<typeof fractalTile>, SharedCanvas>,
): Promise<Tally> {
  const { input, shared } = context
  const tiles = cutTiles(input.width, input.height)
  const renderer = createAreaRenderer(input, shared.pixels, context.throwIfCancelled)
  const writer = createPictureWriter(context.artifacts)
  for (;;) {
    const taken = Atomics.add(shared.taken, 0, 1)
    const index = Math.floor(taken / bandsPerTile)
    const tile = tiles[index]
    if (tile === undefined) break
    const band = bandOf(tile, taken % bandsPerTile)
    renderer.render(band)
    context.counter.add(band.width * band.height)
    const isWhole = Atomics.sub(shared.bandsLeft, index, 1) === 1
    if (isWhole && input.preview) {
      const image = { width: tile.width, height: tile.height, pixels: cutOut(shared.pixels, input.width, tile) }
      const fileName = `tile-${String(index).padStart(2, '0')}.png`
      await writer.begin(image, fileName, (picture) => context.emit({ ...tile, picture }))
    }
    // Lets the picture that is being written get on.
    await setImmediate()
  }
  await writer.settled()
  return renderer.tally
}
