import { describe, expect, it } from 'vitest'
import { onceForAll } from '../../../src/core/once-for-all.ts'

describe('what is done once for all who ask', () => {
  it('is done again for who asks when it is over, however it ended', async () => {
    const asked: PromiseWithResolvers<number>[] = []
    const ask = onceForAll(() => {
      const one = Promise.withResolvers<number>()
      asked.push(one)
      return one.promise
    })
    const first = [ask(), ask()]
    expect(first[0]).toBe(first[1])
    asked[0]?.reject(new Error('It failed.'))
    for (const each of first) await expect(each).rejects.toThrow('It failed.')
    const second = ask()
    asked[1]?.resolve(2)
    expect([await second, asked.length]).toEqual([2, 2])
  })
})
