import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fractalInput } from '../../src/workers/tasks/render-fractal/fractal-input.ts'
import { createAreaRenderer } from '../../src/workers/tasks/render-fractal/render-area.ts'
import { cutOut } from '../../src/workers/tasks/render-fractal/tiles.ts'
import { exampleInput, openBuiltIn, outputOf, partialsOf, picturesOf, type BuiltIn } from './open-built-in.ts'

const file = 'render-fractal'

interface Fractal {
  readonly picture: string
  readonly width: number
  readonly height: number
  readonly inside: number
  readonly area: number
  readonly iterations: number
}

interface Tile {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly picture: string
}

describe('renderFractal', () => {
  let example: object
  let task: BuiltIn

  beforeAll(async () => {
    example = { ...(await exampleInput(file)), width: 163, height: 101 }
    task = await openBuiltIn(file, 2)
  })

  afterAll(() => task[Symbol.asyncDispose]())

  it('writes a PNG with the pixels that one thread alone would compute', async () => {
    const ran = await task.run(example)
    // The thread checked what it answers against the task's schema.
    const output = outputOf(ran) as Fractal
    const picture = (await picturesOf(ran)).get(output.picture)
    const pixels = Buffer.alloc(3 * 163 * 101)
    const alone = createAreaRenderer(fractalInput.parse(example), pixels, () => undefined)
    alone.render({ x: 0, y: 0, width: 163, height: 101 })
    expect(picture).toEqual({ width: 163, height: 101, channels: 3, pixels })
    expect(output).toMatchObject({ width: 163, height: 101, iterations: alone.tally.iterations })
  })

  it('announces tiles that make up the picture', async () => {
    const ran = await task.run(example)
    // As above.
    const tiles = partialsOf(ran) as readonly Tile[]
    const pictures = await picturesOf(ran)
    const whole = pictures.get((outputOf(ran) as Fractal).picture)
    expect(tiles).toHaveLength(15)
    expect(tiles.reduce((pixels, { width, height }) => pixels + width * height, 0)).toBe(163 * 101)
    for (const tile of tiles) {
      const { width, height } = tile
      const pixels = Buffer.from(cutOut(whole?.pixels ?? Buffer.alloc(0), 163, tile))
      expect(pictures.get(tile.picture)).toEqual({ width, height, channels: 3, pixels })
    }
  })

  it('is the same on 1, 2 and 3 threads, and without a preview', async () => {
    await using one = await openBuiltIn(file, 1)
    await using three = await openBuiltIn(file, 3)
    const quiet = { ...example, preview: false }
    const onOne = await one.run(quiet)
    for (const other of [await task.run(quiet), await three.run(quiet)]) {
      expect(partialsOf(other)).toEqual([])
      expect(outputOf(other)).toEqual(outputOf(onOne))
      expect(await picturesOf(other)).toEqual(await picturesOf(onOne))
    }
  })

  it('measures the area of the Mandelbrot set: 1.5066', async () => {
    const view = { centre: { re: -0.75, im: 0 }, span: 2.5, width: 800, height: 800, iterations: 1_000, preview: false }
    const { inside, area } = outputOf(await task.run(view)) as Fractal
    expect(Math.abs(area - 1.5066)).toBeLessThan(0.004)
    expect(inside).toBeCloseTo(area / 2.5 ** 2, 12)
  })

  it('ends with its progress at 1', async () => {
    const { said } = await task.run(example)
    expect(said.findLast(({ type }) => type === 'progress')).toMatchObject({ fraction: 1 })
  })

  it('stops when it is cancelled', async () => {
    const ran = await task.cancelAtFirstPartial({ ...example, width: 4_096, height: 4_096, iterations: 20_000 })
    expect(ran.ended).toEqual({ type: 'cancelled' })
  })
})
