import { describe, expect, it } from 'vitest'
import { createSlots, type Slot, type SlotsAnswer } from '../../../src/workers/pool/slots.ts'

const never = new AbortController().signal

/** The slots, where some were given. */
function given(answer: SlotsAnswer): readonly Slot[] {
  if (typeof answer === 'string') throw new Error(`No slots were given but "${answer}".`)
  return answer
}

function openSlots(total: number, maxWaiting = 10) {
  let window: { readonly ms: number; readonly end: () => void } | null = null
  const slots = createSlots(total, maxWaiting, (ms, end) => {
    window = { ms, end }
    return () => void (window = null)
  })
  const order: string[] = []
  let freed = 0
  slots.onFree(() => {
    freed += 1
  })

  /** Takes slots and writes down when it was given them. */
  async function take(who: string, count = 1, turn = slots.nextTurn(), signal = never): Promise<readonly Slot[]> {
    const taken = given(await slots.take(count, turn, signal))
    order.push(who)
    return taken
  }

  return {
    slots,
    order,
    take,
    get freed() {
      return freed
    },
    /** How long the window is that is open. */
    get window() {
      return window?.ms ?? null
    },
    /** Lets the window pass. */
    endWindow(): void {
      window?.end()
    },
  }
}

const release = (taken: readonly Slot[] | undefined): void => {
  for (const slot of taken ?? []) slot.release()
}
const turnOfTheLoop = () => new Promise(setImmediate)

describe('slots', () => {
  it('are given out first come, first served, and never more than there are', async () => {
    const { order, take } = openSlots(2)
    const taken = ['a', 'b', 'c', 'd'].map((who) => take(who))
    const first = await taken[0]
    await taken[1]
    await turnOfTheLoop()
    expect(order).toEqual(['a', 'b'])
    release(first)
    release(first)
    await turnOfTheLoop()
    expect(order).toEqual(['a', 'b', 'c'])
  })

  it('are given all or none to who needs several, and until then to nobody who came later', async () => {
    const { slots, order, take } = openSlots(3)
    const singles = await Promise.all(['a', 'b'].map((who) => take(who)))
    const gang = take('gang', 3)
    const later = take('later')
    await turnOfTheLoop()
    expect({ order, free: slots.free, waiting: slots.waiting }).toEqual({ order: ['a', 'b'], free: 0, waiting: 2 })
    release(singles[0])
    await turnOfTheLoop()
    expect(order).toHaveLength(2)
    release(singles[1])
    release(await gang)
    await later
    expect(order).toEqual(['a', 'b', 'gang', 'later'])
  })

  it('are taken at once where they are there and nobody comes first', async () => {
    const { slots, take } = openSlots(2)
    const early = slots.nextTurn()
    const one = slots.tryTake(1, slots.nextTurn())
    expect(one).toHaveLength(1)
    expect(slots.tryTake(2, slots.nextTurn())).toBeNull()
    const gang = take('gang', 2)
    expect(slots.tryTake(1, slots.nextTurn())).toBeNull()
    const before = slots.tryTake(1, early)
    release(before ?? [])
    release(one ?? [])
    release(await gang)
    slots.close()
    expect(slots.tryTake(1, slots.nextTurn())).toBeNull()
  })

  it('are never split between two who need nearly all', async () => {
    const { slots, order, take } = openSlots(4)
    const single = await take('single')
    const gangs = [take('first', 4), take('second', 3)]
    release(single)
    release(await gangs[0])
    release(await gangs[1])
    expect(order).toEqual(['single', 'first', 'second'])
    expect(slots.free).toBe(4)
  })

  it('go to who came first, also when it gave one back in between', async () => {
    const { slots, order, take } = openSlots(2)
    const turn = slots.nextTurn()
    const planned = await take('plan', 1, turn)
    const other = await take('other')
    const later = take('later')
    const shards = take('shards', 2, turn)
    release(planned)
    release(other)
    release(await shards)
    await later
    expect(order).toEqual(['plan', 'other', 'shards', 'later'])
  })

  it('are not kept for one who was aborted, and who waited behind it goes on', async () => {
    const { slots, take } = openSlots(2)
    const held = await take('held')
    const controller = new AbortController()
    const aborted = slots.take(2, slots.nextTurn(), controller.signal)
    const next = take('next')
    controller.abort()
    expect(await aborted).toBe('aborted')
    release(await next)
    release(held)
    expect(await slots.take(1, slots.nextTurn(), AbortSignal.abort())).toBe('aborted')
    expect(slots.free).toBe(2)
  })

  it('are waited for by so many newcomers and no more, but by any number who had one before', async () => {
    const { slots } = openSlots(1, 1)
    const held = given(await slots.takeFirst(slots.nextTurn(), never))
    const waiting = slots.takeFirst(slots.nextTurn(), never)
    expect(await slots.takeFirst(slots.nextTurn(), never)).toBe('full')
    const again = slots.take(1, 0, never)
    release(held)
    release(given(await again))
    given(await waiting)
  })

  it('are counted as free, busy or stranded, and tell when more are free', async () => {
    const opened = openSlots(3)
    const { slots, take } = opened
    const taken = await take('a', 3)
    taken[0]?.strand()
    taken[0]?.strand()
    expect({ free: slots.free, busy: slots.busy, stranded: slots.stranded }).toEqual({ free: 0, busy: 2, stranded: 1 })
    expect(opened.freed).toBe(0)
    release(taken)
    taken[0]?.strand()
    expect({ free: slots.free, busy: slots.busy, stranded: slots.stranded }).toEqual({ free: 3, busy: 0, stranded: 0 })
    expect(opened.freed).toBe(3)
  })

  it('that are stranded hold up only who cannot do without them, until they come back', async () => {
    const { slots, order, take } = openSlots(2)
    const [stranded, other] = await take('a', 2)
    const gang = take('gang', 2)
    const single = take('single')
    stranded?.strand()
    other?.release()
    release(await single)
    expect({ order, free: slots.free }).toEqual({ order: ['a', 'single'], free: 1 })
    stranded?.release()
    await gang
    expect(slots.free).toBe(0)
  })

  it('are reserved for who needs several and free for the others in turns, ever longer, up to a minute', async () => {
    const opened = openSlots(2)
    const { slots, take, endWindow } = opened
    const long = await take('long')
    expect(opened.window).toBeNull()
    const gang = take('gang', 2)
    const windows = Array.from({ length: 16 }, () => {
      const window = { ms: opened.window, free: slots.free, given: slots.tryTake(1, slots.nextTurn()) }
      release(window.given ?? [])
      endWindow()
      return { ...window, given: window.given?.length ?? 0 }
    })
    const lengths = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
    expect(windows).toEqual(
      lengths.flatMap((ms) => [
        { ms, free: 0, given: 0 },
        { ms, free: 1, given: 1 },
      ]),
    )
    release(long)
    release(await gang)
    expect(opened.window).toBeNull()
  })

  it('go to those who wait behind it as soon as they may pass, and to it as soon as there are enough', async () => {
    const { order, take, endWindow } = openSlots(2)
    const long = await take('long')
    const gang = take('gang', 2)
    const later = ['a', 'b', 'c'].map((who) => take(who))
    await turnOfTheLoop()
    expect(order).toEqual(['long'])
    endWindow()
    release(await later[0])
    const second = await later[1]
    endWindow()
    release(second)
    await turnOfTheLoop()
    expect(order).toEqual(['long', 'a', 'b'])
    release(long)
    release(await gang)
    await later[2]
    expect(order).toEqual(['long', 'a', 'b', 'gang', 'c'])
  })

  it('are reserved for a second again once another is first who needs several', async () => {
    const opened = openSlots(3)
    const { slots, take, endWindow } = opened
    const long = await take('long')
    const controller = new AbortController()
    const aborted = slots.take(3, slots.nextTurn(), controller.signal)
    const next = take('next', 3)
    for (let ended = 0; ended < 5; ended += 1) endWindow()
    expect({ ms: opened.window, free: slots.free, freed: opened.freed }).toEqual({ ms: 4_000, free: 2, freed: 3 })
    controller.abort()
    expect(await aborted).toBe('aborted')
    expect({ ms: opened.window, free: slots.free }).toEqual({ ms: 1_000, free: 0 })
    release(long)
    release(await next)
  })

  it('have no window left once they are closed', async () => {
    const opened = openSlots(2)
    await opened.take('long')
    const gang = opened.slots.take(2, opened.slots.nextTurn(), never)
    expect(opened.window).toBe(1_000)
    opened.slots.close()
    expect(await gang).toBe('closed')
    expect(opened.window).toBeNull()
  })

  it('are not given out any more once they are closed', async () => {
    const { slots, take } = openSlots(1)
    await take('a')
    const waiting = [1, 1].map((count) => slots.take(count, slots.nextTurn(), never))
    slots.close()
    expect(await Promise.all(waiting)).toEqual(['closed', 'closed'])
    expect(await slots.takeFirst(slots.nextTurn(), never)).toBe('closed')
  })
})
