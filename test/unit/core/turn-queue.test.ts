import { describe, expect, it } from 'vitest'
import { createTurnQueue } from '../../../src/core/turn-queue.ts'

describe('a queue for turns', () => {
  it('gives the turn on when it is left, in order, and tells who left before that it has none', async () => {
    const queue = createTurnQueue()
    const [first, second, third, other] = ['k', 'k', 'k', 'other'].map((key) => queue.enter(key))
    expect([await first?.turn, await other?.turn, queue.size]).toEqual([true, true, 4])
    second?.leave()
    expect(await second?.turn).toBe(false)
    let isThirds = false
    void third?.turn.then((isMine) => (isThirds = isMine))
    await Promise.resolve()
    expect(isThirds).toBe(false)
    first?.leave()
    first?.leave()
    expect([await third?.turn, queue.size]).toEqual([true, 2])
    third?.leave()
    expect(await queue.enter('k').turn).toBe(true)
  })
})
