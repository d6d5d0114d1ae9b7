import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleInput, openBuiltIn, outputOf, partialsOf, picturesOf, type BuiltIn } from './open-built-in.ts'

const file = 'diffuse-heat'

interface Frame {
  readonly seconds: number
  readonly picture: string
  readonly min: number
  readonly max: number
  readonly mean: number
}

interface Heat extends Omit<Frame, 'seconds' | 'picture'> {
  readonly frames: readonly Frame[]
  readonly steps: number
  readonly heat: number
}

describe('diffuseHeat', () => {
  let example: object
  let task: BuiltIn

  beforeAll(async () => {
    example = { ...(await exampleInput(file)), columns: 96, rows: 50, frames: 5 }
    task = await openBuiltIn(file, 2)
  })

  afterAll(() => task[Symbol.asyncDispose]())

  it('lets a standing wave decay by the eigenvalue of its step, between two threads', async () => {
    const wave = {
      columns: 65,
      rows: 65,
      spacing: 1,
      diffusivity: 100,
      seconds: 4,
      edges: 'FIXED',
      ambient: 0,
      frames: 3,
    }
    const ran = await task.run({ ...wave, initial: { shape: 'WAVE', across: 1, down: 1, amplitude: 1 } })
    // The thread checked what it answers against the task's schema.
    const { frames, steps, max } = outputOf(ran) as Heat
    expect(steps).toBe(2_000)
    const eigenvalue = 1 - 8 * 0.2 * Math.sin(Math.PI / 128) ** 2
    expect(Math.abs(max - eigenvalue ** 2_000)).toBeLessThan(1e-12)
    expect(Math.abs((frames[1]?.max ?? 0) - eigenvalue ** 1_000)).toBeLessThan(1e-12)
    expect(frames.map(({ seconds }) => seconds)).toEqual([0, 2, 4])
    // exp(−2 π² α t / L²), but for the grid.
    expect(max / Math.exp((-2 * Math.PI ** 2 * 100 * 4) / 64 ** 2)).toBeCloseTo(1, 2)
  })

  it('answers and paints the same to the last bit on 1, 2 and 3 threads', async () => {
    await using one = await openBuiltIn(file, 1)
    await using three = await openBuiltIn(file, 3)
    const onOne = await one.run(example)
    for (const other of [await task.run(example), await three.run(example)]) {
      expect(outputOf(other)).toEqual(outputOf(onOne))
      expect(await picturesOf(other)).toEqual(await picturesOf(onOne))
    }
  })

  it('conserves heat between insulated edges and never gets warmer', async () => {
    // As above.
    const { frames, heat } = outputOf(await task.run(example)) as Heat
    const [first] = frames
    const before = ((first?.mean ?? 0) - 20) * 96 * 50
    expect(heat / before).toBeCloseTo(1, 12)
    expect(frames.map(({ max }) => max)).toEqual(frames.map(({ max }) => max).toSorted((a, b) => b - a))
    expect(frames.map(({ min }) => min)).toEqual(frames.map(({ min }) => min).toSorted((a, b) => a - b))
  })

  it('emits each frame as it is there, with a picture of a pixel for each point', async () => {
    const ran = await task.run(example)
    // As above.
    const { frames } = outputOf(ran) as Heat
    expect(partialsOf(ran)).toEqual(frames)
    const pictures = await picturesOf(ran)
    expect([...pictures.keys()]).toEqual(frames.map(({ picture }) => picture))
    const [start] = pictures.values()
    expect(start).toMatchObject({ width: 96, height: 50, channels: 3 })
    // The hottest spot is as light and the coldest as dark as it gets.
    const colourAt = (x: number, y: number): string =>
      start?.pixels.subarray(3 * (y * 96 + x), 3 * (y * 96 + x) + 3).toString('hex') ?? ''
    expect(colourAt(Math.round(0.2 * 95), Math.round(0.35 * 49))).toBe('fcffa4')
    expect(colourAt(Math.round(0.8 * 95), Math.round(0.6 * 49))).toBe('000004')
  })

  it('cuts a low plate into as few strips as its rows allow', async () => {
    await using three = await openBuiltIn(file, 3)
    const low = { ...example, rows: 16, seconds: 0.1 }
    expect(outputOf(await three.run(low))).toEqual(outputOf(await task.run(low)))
  })

  it('stops when it is cancelled, wherever its shards wait', async () => {
    const ran = await task.cancelAtFirstPartial({ ...example, columns: 1_000, rows: 1_000, seconds: 100 })
    expect(ran.ended).toEqual({ type: 'cancelled' })
  })
})
