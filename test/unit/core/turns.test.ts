import { describe, expect, it } from 'vitest'
import { createTurns } from '../../../src/core/turns.ts'

describe('turns', () => {
  it('lets works of one key run one after another, also after one that fails, and others at once', async () => {
    const inTurn = createTurns()
    const story: string[] = []
    const gate = Promise.withResolvers<undefined>()
    const first = inTurn('a', async () => {
      story.push('a1 begins')
      await gate.promise
      story.push('a1 fails')
      throw new Error('a1')
    })
    const second = inTurn('a', async () => story.push('a2'))
    await inTurn('b', async () => story.push('b'))
    expect(story).toEqual(['a1 begins', 'b'])
    gate.resolve(undefined)
    await expect(first).rejects.toThrow('a1')
    await second
    expect(await inTurn('a', async () => 'answer')).toBe('answer')
    expect(story).toEqual(['a1 begins', 'b', 'a1 fails', 'a2'])
  })
})
