import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleInput, openBuiltIn, outputOf, partialsOf, type BuiltIn } from './open-built-in.ts'

const file = 'estimate-option-price'

interface Estimate {
  readonly price: number
  readonly standardError: number
  readonly interval: { readonly low: number; readonly high: number }
  readonly paths: number
}

describe('estimateOptionPrice', () => {
  let example: object
  let task: BuiltIn

  beforeAll(async () => {
    example = await exampleInput(file)
    task = await openBuiltIn(file, 2)
  })

  afterAll(() => task[Symbol.asyncDispose]())

  // The thread checked what it answers against the task's schema.
  const estimate = async (overrides: object, on: BuiltIn = task): Promise<Estimate> =>
    outputOf(await on.run({ ...example, ...overrides })) as Estimate

  it('finds the prices of the textbook: Hull has 4.76 for the call and 0.81 for the put', async () => {
    const call = await estimate({})
    expect(call.price.toFixed(2)).toBe('4.76')
    expect(call.interval.low).toBeLessThan(call.price)
    expect(call.interval.high).toBeGreaterThan(call.price)
    expect(call.paths).toBe(4_000_000)
    expect((await estimate({ kind: 'PUT' })).price.toFixed(2)).toBe('0.81')
  })

  it('answers the same to the last bit on 1, 2 and 3 threads', async () => {
    await using one = await openBuiltIn(file, 1)
    await using three = await openBuiltIn(file, 3)
    for (const style of ['EUROPEAN', 'ASIAN', 'UP_AND_OUT']) {
      const barrier = style === 'UP_AND_OUT' ? 50 : null
      const terms = { style, barrier, steps: 12, paths: 100_001, seed: 5 }
      const onOne = await estimate(terms, one)
      expect(await estimate(terms)).toEqual(onOne)
      expect(await estimate(terms, three)).toEqual(onOne)
      expect(onOne.paths).toBe(100_002)
    }
  })

  it('answers otherwise for another seed', async () => {
    const [one, other] = [await estimate({ paths: 10_000, seed: 1 }), await estimate({ paths: 10_000, seed: 2 })]
    expect(other.price).not.toBe(one.price)
    expect(Math.abs(other.price - one.price)).toBeLessThan(6 * one.standardError)
  })

  it('tells the price so far while it runs, and stops when it is cancelled', async () => {
    const ran = await task.cancelAtFirstPartial({ ...example, paths: 200_000_000 })
    expect(ran.ended).toEqual({ type: 'cancelled' })
    // As above.
    const [first] = partialsOf(ran) as readonly Estimate[]
    expect(first?.paths).toBeGreaterThan(0)
    expect(first?.paths).toBeLessThan(200_000_000)
    expect(Math.abs((first?.price ?? 0) - 4.76)).toBeLessThan(5 * (first?.standardError ?? 0) + 0.005)
  })

  it('ends with its progress at 1', async () => {
    const { said } = await task.run(example)
    expect(said.findLast(({ type }) => type === 'progress')).toMatchObject({ fraction: 1 })
  })
})
