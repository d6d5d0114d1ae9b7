import { describe, expect, it } from 'vitest'
import { bandOf, bandsPerTile, cutOut, cutTiles } from '../../../../src/workers/tasks/render-fractal/tiles.ts'

describe('the tiles of a picture', () => {
  it.each([
    [16, 16, 1],
    [100, 40, 3],
    [1_024, 768, 64],
    [8_192, 17, 8],
  ])('of %i times %i pixels cover each pixel once, and so do their bands', (width, height, count) => {
    const tiles = cutTiles(width, height)
    expect(tiles).toHaveLength(count)
    const covered = new Uint8Array(width * height)
    for (const tile of tiles) {
      for (let band = 0; band < bandsPerTile; band += 1) {
        const area = bandOf(tile, band)
        for (let y = area.y; y < area.y + area.height; y += 1) {
          for (let x = area.x; x < area.x + area.width; x += 1)
            covered[y * width + x] = (covered[y * width + x] ?? 0) + 1
        }
      }
    }
    expect(covered.every((times) => times === 1)).toBe(true)
  })

  it('are cut out of the picture row by row', () => {
    const pixels = Uint8Array.from({ length: 3 * 4 * 3 }, (_, i) => i)
    const cutting = cutOut(pixels, 4, { x: 1, y: 1, width: 2, height: 2 })
    expect([...cutting]).toEqual([15, 16, 17, 18, 19, 20, 27, 28, 29, 30, 31, 32])
  })
})
