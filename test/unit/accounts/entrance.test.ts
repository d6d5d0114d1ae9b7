import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { RateLimitedError } from '../../../src/core/errors.ts'
import { createEntrance } from '../../../src/services/accounts/limits/entrance.ts'

describe('an entrance', () => {
  it('lets a few begin in each turn of the event loop, in the order in which they came', async () => {
    const enter = createEntrance({ perTurn: 3, maxWaiting: 100 })
    const begun: number[] = []
    const all = Array.from({ length: 10 }, (_, index) =>
      enter(async () => {
        begun.push(index)
        return index
      }),
    )
    const seen: number[] = []
    while (begun.length < 10) {
      await nextTurn()
      seen.push(begun.length)
    }
    expect(Math.max(...seen.map((count, turn) => count - (seen[turn - 1] ?? 0)))).toBe(3)
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(await Promise.all(all)).toEqual(begun)
  })

  it('lets somebody in who comes when nobody waits any more', async () => {
    const enter = createEntrance({ perTurn: 2, maxWaiting: 2 })
    for (let time = 0; time < 5; time += 1) expect(await enter(async () => time)).toBe(time)
  })

  it('gives what the work gives, its failures, too', async () => {
    const enter = createEntrance({ perTurn: 1, maxWaiting: 10 })
    const [failed, worked] = await Promise.allSettled([
      enter(() => Promise.reject(new Error('no'))),
      enter(async () => 'yes'),
    ])
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'no' } })
    expect(worked).toEqual({ status: 'fulfilled', value: 'yes' })
  })

  it('sends away at once who comes when too many wait', async () => {
    const enter = createEntrance({ perTurn: 1, maxWaiting: 2 })
    let begun = 0
    const work = async () => {
      begun += 1
    }
    const outcomes = await Promise.allSettled([enter(work), enter(work), enter(work), enter(work)])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
    expect(begun).toBe(2)
    await expect(Promise.all([enter(work), enter(work), enter(work)])).rejects.toThrow(RateLimitedError)
  })
})
