import { describe, expect, it } from 'vitest'
import type { z } from '../../../../src/task.ts'
import { fractalInput } from '../../../../src/workers/tasks/render-fractal/fractal-input.ts'
import { createAreaRenderer, type Tally } from '../../../../src/workers/tasks/render-fractal/render-area.ts'
import { bandOf, bandsPerTile, cutTiles } from '../../../../src/workers/tasks/render-fractal/tiles.ts'

function render(
  overrides: z.input<typeof fractalInput>,
  areas: 'whole' | 'bands' = 'whole',
): Tally & { readonly pixels: Buffer; readonly row: (y: number) => string } {
  const input = fractalInput.parse({ width: 96, height: 72, iterations: 300, ...overrides })
  const { width, height } = input
  const pixels = Buffer.alloc(3 * width * height)
  const renderer = createAreaRenderer(input, pixels, () => undefined)
  if (areas === 'whole') renderer.render({ x: 0, y: 0, width, height })
  else {
    for (const tile of cutTiles(width, height).toReversed()) {
      for (let band = 0; band < bandsPerTile; band += 1) renderer.render(bandOf(tile, band))
    }
  }
  const row = (y: number): string => pixels.subarray(3 * width * y, 3 * width * (y + 1)).toString('hex')
  return { ...renderer.tally, pixels, row }
}

describe('a picture', () => {
  it('of the Mandelbrot set is its own mirror image about the real axis', () => {
    for (const samples of [1, 2, 3]) {
      const { row } = render({ samples })
      for (let y = 0; y < 36; y += 1) expect(row(y)).toBe(row(71 - y))
    }
  })

  it('of a Julia set is the same turned by half', () => {
    const { pixels } = render({ set: 'JULIA', centre: { re: 0, im: 0 } })
    const colours = Array.from({ length: 96 * 72 }, (_, i) => pixels.subarray(3 * i, 3 * i + 3).toString('hex'))
    expect(new Set(colours).size).toBeGreaterThan(100)
    expect(colours.toReversed()).toEqual(colours)
  })

  it('of the Julia set of 0 is the unit disc', () => {
    const { inside } = render({
      set: 'JULIA',
      constant: { re: 0, im: 0 },
      centre: { re: 0, im: 0 },
      span: 3,
      samples: 4,
    })
    expect((inside / (96 * 72 * 16)) * 3 * ((3 * 72) / 96)).toBeCloseTo(Math.PI, 2)
  })

  it('is the same in whatever pieces it is rendered', () => {
    const view = { width: 101, height: 83 }
    const { pixels, inside, iterations } = render(view)
    expect(render(view, 'bands')).toMatchObject({ pixels, inside, iterations })
  })

  it('is black inside of the set, whatever the palette', () => {
    for (const palette of ['CLASSIC', 'EMBER', 'OCEAN', 'AURORA', 'GREY'] as const) {
      const { pixels, inside } = render({ centre: { re: -0.1, im: 0 }, span: 0.2, palette })
      expect(inside).toBe(96 * 72)
      expect(pixels.every((byte) => byte === 0)).toBe(true)
    }
  })

  it('looks whether to stop while it is rendered', () => {
    const input = fractalInput.parse({
      width: 64,
      height: 64,
      centre: { re: 0.3, im: 0.025 },
      span: 0.1,
      iterations: 50_000,
    })
    const renderer = createAreaRenderer(input, new Uint8Array(3 * 64 * 64), () => {
      throw new Error('The job is to stop.')
    })
    expect(() => renderer.render({ x: 0, y: 0, width: 64, height: 64 })).toThrow('The job is to stop.')
    expect(renderer.tally.iterations).toBeLessThan(2_100_000)
  })
})

describe('the area of the Mandelbrot set', () => {
  it('is 1.5066, by the pixels', () => {
    // T. Förstemann (2012): 1.5065918849 ± 0.0000000028, by the same means.
    const { inside } = render({
      centre: { re: -0.75, im: 0 },
      span: 2.5,
      width: 1_000,
      height: 1_000,
      iterations: 1_000,
    })
    expect(Math.abs((inside / 1_000_000) * 2.5 ** 2 - 1.5066)).toBeLessThan(0.004)
  })
})

describe('a view', () => {
  it.each([
    [
      { centre: { re: -0.75, im: 0.1 }, span: 1e-13 },
      'span',
      'That is deeper than numbers of 64 bits reach at this place: take a wider span or fewer pixels.',
    ],
    [
      { constant: { re: 2, im: 0.1 } },
      'constant',
      'The constant may be 2 from 0 at most: beyond, every point escapes.',
    ],
    [
      { width: 8_192, height: 8_192, iterations: 1_000_000 },
      'iterations',
      'Points times iterations may be 5,000,000,000,000 at most.',
    ],
  ])('%j is refused by its %s', (view, path, message) => {
    expect(fractalInput.safeParse(view).error?.issues).toMatchObject([{ path: [path], message }])
  })

  it('may be the largest there is', () => {
    expect(fractalInput.safeParse({ width: 8_192, height: 8_192, iterations: 10_000 }).success).toBe(true)
  })
})
