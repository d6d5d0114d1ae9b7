import { describe, expect, it } from 'vitest'
import { palette, paletteName, paletteSize } from '../../../../src/workers/tasks/render-fractal/palettes.ts'
import { evenStops, gradient } from '../../../../src/workers/tasks/pictures/gradient.ts'

describe('a gradient', () => {
  it('goes straight from stop to stop', () => {
    const colours = gradient(
      [
        [0, '000000'],
        [0.25, 'ff0000'],
        [1, 'ff00ff'],
      ],
      5,
    )
    expect([...colours]).toEqual([0, 0, 0, 255, 0, 0, 255, 0, 85, 255, 0, 170, 255, 0, 255])
  })

  it('may have its stops at equal distances', () => {
    expect(evenStops(['aa0000', '00bb00', '0000cc'])).toEqual([
      [0, 'aa0000'],
      [0.5, '00bb00'],
      [1, '0000cc'],
    ])
  })
})

describe('a palette', () => {
  it.each(paletteName.options)('%s comes round and has no edge in it', (name) => {
    const colours = palette(name)
    const distance = (i: number, j: number): number =>
      Math.max(...[0, 1, 2].map((part) => Math.abs((colours[3 * i + part] ?? 0) - (colours[3 * j + part] ?? 0))))
    const steps = Array.from({ length: paletteSize }, (_, i) => distance(i, (i + 1) % paletteSize))
    expect(Math.max(...steps)).toBeLessThanOrEqual(2)
  })
})
