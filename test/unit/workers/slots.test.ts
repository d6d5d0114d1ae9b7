import { describe, expect, it } from 'vitest'
import { createSlots, type Slot } from '../../../src/workers/pool/slots.ts'

const never = new AbortController().signal

/** The slot, where one was given. */
function given(answer: Slot | string): Slot {
  if (typeof answer === 'string') throw new Error(`No slot was given but "${answer}".`)
  return answer
}

describe('slots', () => {
  it('are given out first come, first served, and never more than there are', async () => {
    const slots = createSlots(2, 10)
    const order: number[] = []
    const take = (who: number) =>
      slots.take(never).then((answer) => {
        order.push(who)
        return given(answer)
      })
    const taken = [1, 2, 3, 4].map((who) => take(who))
    const first = await taken[0]
    await taken[1]
    await new Promise(setImmediate)
    expect(order).toEqual([1, 2])
    first?.release()
    first?.release()
    await new Promise(setImmediate)
    expect(order).toEqual([1, 2, 3])
  })

  it('are not kept for one who was aborted', async () => {
    const slots = createSlots(1, 10)
    const held = given(await slots.take(never))
    const controller = new AbortController()
    const aborted = slots.take(controller.signal)
    const next = slots.take(never)
    controller.abort()
    expect(await aborted).toBe('aborted')
    held.release()
    given(await next)
    expect(await slots.take(AbortSignal.abort())).toBe('aborted')
  })

  it('are waited for by so many and no more', async () => {
    const slots = createSlots(1, 1)
    const held = given(await slots.take(never))
    const waiting = slots.take(never)
    expect(await slots.take(never)).toBe('full')
    held.release()
    given(await waiting)
  })

  it('are not given out any more once they are closed', async () => {
    const slots = createSlots(1, 10)
    await slots.take(never)
    const waiting = [slots.take(never), slots.take(never)]
    slots.close()
    expect(await Promise.all(waiting)).toEqual(['closed', 'closed'])
    expect(await slots.take(never)).toBe('closed')
  })
})
