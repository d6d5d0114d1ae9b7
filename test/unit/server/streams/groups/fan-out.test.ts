import { describe, expect, it } from 'vitest'
import { createFanOut, type Round } from '../../../../../src/server/streams/groups/fan-out.ts'

/** So many to serve; notes in which turn of the event loop each was. */
function roundOf(count: number, turnOf: () => number): Round & { readonly turns: number[]; add(more: number): void } {
  let left = count
  const turns: number[] = []
  return {
    turns,
    add(more) {
      left += more
    },
    serve(portion) {
      const served = Math.min(portion, left)
      left -= served
      for (let one = 0; one < served; one += 1) turns.push(turnOf())
      return portion - served
    },
  }
}

/** Counts the turns of the event loop for as long as something is left to do. */
async function turnsUntil(isOver: () => boolean, turn: { number: number }): Promise<void> {
  while (!isOver()) {
    await new Promise((resolve) => setImmediate(resolve))
    turn.number += 1
  }
}

describe('the fan-out', () => {
  it('serves 256 in a turn, and everybody in the end', async () => {
    const turn = { number: 0 }
    const fanOut = createFanOut()
    const round = roundOf(600, () => turn.number)
    fanOut.start(round)
    expect(round.turns).toEqual([])
    await turnsUntil(() => round.turns.length === 600, turn)
    const perTurn = Map.groupBy(round.turns, (number) => number)
    expect([...perTurn.values()].map((served) => served.length)).toEqual([256, 256, 88])
  })

  it('gives what is left of a portion to the next, and puts who has more to do behind the others', async () => {
    const turn = { number: 0 }
    const fanOut = createFanOut()
    const [large, small] = [roundOf(1_000, () => turn.number), roundOf(10, () => turn.number)]
    fanOut.start(large)
    fanOut.start(small)
    await turnsUntil(() => large.turns.length === 1_000, turn)
    const first = large.turns[0] ?? 0
    expect(new Set(small.turns)).toEqual(new Set([first + 1]))
    expect(large.turns.filter((number) => number === first + 1)).toHaveLength(246)
  })

  it('starts again when there is more', async () => {
    const turn = { number: 0 }
    const fanOut = createFanOut()
    const round = roundOf(3, () => turn.number)
    fanOut.start(round)
    await turnsUntil(() => round.turns.length === 3, turn)
    round.add(2)
    fanOut.start(round)
    fanOut.start(round)
    await turnsUntil(() => round.turns.length === 5, turn)
    expect(round.turns).toHaveLength(5)
  })
})
