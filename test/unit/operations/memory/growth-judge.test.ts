import { describe, expect, it } from 'vitest'
import { askSeldom } from '../../../../src/services/operations/memory/ask-seldom.ts'
import { createGrowthJudge } from '../../../../src/services/operations/memory/growth-judge.ts'
import { usualPace } from '../../../../src/services/operations/memory/memory-pace.ts'

const minute = 60_000

describe('the judge of growth', () => {
  const open = () => {
    const judge = createGrowthJudge(10, usualPace)
    const see = (from: number, to: number, bytes: (at: number) => number) => {
      for (let at = from; at <= to; at += 1 / 12) judge.seen({ at: at * minute, bytes: bytes(at) })
    }
    return { judge, see }
  }

  it('takes what is in use for a reason to collect, and never for growth', () => {
    const { judge, see } = open()
    see(0, 2.5, (at) => 100 + 11 * at)
    expect(judge.isDoubtful).toBe(false)
    see(2.5, 45, (at) => 100 + 11 * at)
    expect([judge.isDoubtful, judge.growth, judge.isLeaking]).toEqual([true, null, false])
  })

  it('has no doubt after a collection until more is in use than could be', () => {
    const { judge, see } = open()
    see(0, 10, (at) => 100 + 30 * at)
    expect(judge.isDoubtful).toBe(true)
    judge.held({ at: 10 * minute, bytes: 380 })
    expect(judge.isDoubtful).toBe(false)
    see(10, 14, (at) => 380 + 9 * (at - 10))
    expect(judge.isDoubtful).toBe(false)
    see(14, 18, () => 600)
    expect(judge.isDoubtful).toBe(true)
  })

  it('says nothing with too few points, or over too short a time', () => {
    const { judge } = open()
    for (let at = 0; at < 20; at += 2) judge.held({ at: at * minute, bytes: 20 * at })
    expect([judge.growth, judge.isLeaking]).toEqual([null, false])
    judge.held({ at: 20 * minute, bytes: 400 })
    expect(judge.growth).toEqual({ bytesPerMinute: 20, risingPairs: 1, points: 11, overMs: 20 * minute })
    expect(judge.isLeaking).toBe(true)
    // Of several collections in one stretch of the window, one that shows no less changes nothing.
    const known = judge.growth
    judge.held({ at: 20 * minute + 1, bytes: 401 })
    expect(judge.growth).toBe(known)
    judge.held({ at: 20 * minute + 2, bytes: 399 })
    expect(judge.growth).not.toBe(known)
    const seldom = open().judge
    for (const at of [0, 6, 12, 18, 24]) seldom.held({ at: at * minute, bytes: 20 * at })
    expect(seldom.growth).toBeNull()
  })
})

describe('what is asked seldom', () => {
  const pace = { askMs: 100, pauseShare: 0.01, mostMs: 1_000 }

  it('is not asked again for a while, for longer after a long pause, but not for ever', async () => {
    const pauses = [0.5, 5, 500, 1]
    let asked = 0
    const collections = askSeldom(
      pace,
      async () => {
        asked += 1
        return pauses[asked - 1] ?? 0
      },
      () => {},
    )
    for (const [now, times] of [
      [0, 1],
      [99, 1],
      [100, 2],
      [599, 2],
      [600, 3],
      [1_599, 3],
      [1_600, 4],
    ] as const) {
      await collections.ask(now)
      expect([now, asked]).toEqual([now, times])
    }
  })

  it('is not asked twice at once, and what fails is told', async () => {
    const failures: unknown[] = []
    const asked: PromiseWithResolvers<number>[] = []
    const collect = () => {
      const one = Promise.withResolvers<number>()
      asked.push(one)
      return one.promise
    }
    const collections = askSeldom(pace, collect, (error) => failures.push(error))
    const both = [collections.ask(0), collections.ask(500)]
    expect(asked).toHaveLength(1)
    asked[0]?.reject(new Error('It did not work.'))
    await Promise.all(both)
    expect(failures).toEqual([new Error('It did not work.')])
    const again = collections.ask(500)
    expect(asked).toHaveLength(2)
    asked[1]?.resolve(1)
    await again
  })
})
