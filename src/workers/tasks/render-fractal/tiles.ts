import type { Area } from './render-area.ts'

/** Tiles along a side, so at most 64 in all: each is a partial result and a file. */
const tilesAlong = 8
/** Smaller tiles are not worth a file. */
const minTileSide = 32
/** The parts of a tile that shards take one by one: small, so that all shards end at about the same time. */
export const bandsPerTile = 8

/** The tiles of a picture, row by row. */
export function cutTiles(width: number, height: number): readonly Area[] {
  const columns = cut(width)
  return cut(height).flatMap(({ from: y, length: tileHeight }) =>
    columns.map(({ from: x, length: tileWidth }) => ({ x, y, width: tileWidth, height: tileHeight })),
  )
}

/** The band of that number of a tile; of a tile of few rows some are empty. */
export function bandOf(tile: Area, band: number): Area {
  const from = Math.floor((tile.height * band) / bandsPerTile)
  const to = Math.floor((tile.height * (band + 1)) / bandsPerTile)
  return { ...tile, y: tile.y + from, height: to - from }
}

/** The pixels of an area, cut out of those of a picture of that width. */
export function cutOut(pixels: Uint8Array, width: number, area: Area): Uint8Array {
  const cutting = new Uint8Array(3 * area.width * area.height)
  for (let row = 0; row < area.height; row += 1) {
    const from = 3 * ((area.y + row) * width + area.x)
    cutting.set(pixels.subarray(from, from + 3 * area.width), 3 * row * area.width)
  }
  return cutting
}

function cut(side: number): readonly { readonly from: number; readonly length: number }[] {
  const count = Math.min(tilesAlong, Math.max(1, Math.floor(side / minTileSide)))
  const bound = (index: number): number => Math.floor((side * index) / count)
  return Array.from({ length: count }, (_, i) => ({ from: bound(i), length: bound(i + 1) - bound(i) }))
}
