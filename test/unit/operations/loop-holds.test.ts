import { describe, expect, it } from 'vitest'
import { createLoopHolds, type HeldBy } from '../../../src/services/operations/loop-holds.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const jobs: HeldBy = { operation: 'query jobs', operationName: 'Mine', requestId: 'req_1' }
const me: HeldBy = { operation: 'query me', operationName: null, requestId: 'req_2' }
const nobody: HeldBy = { operation: null, operationName: null, requestId: null }

function setUp() {
  const clock = fakeClock()
  return { clock, holds: createLoopHolds(clock) }
}

describe('what held the event loop', () => {
  it('is told with what it was done for, longest first', () => {
    const { clock, holds } = setUp()
    holds.note('parse', 30, me)
    const first = clock.now()
    clock.advance(1_000)
    holds.note('execute', 90, jobs)
    holds.note('store', 40, null)
    expect(holds.read()).toEqual([
      { at: first + 1_000, ms: 90, what: 'execute', ...jobs },
      { at: first + 1_000, ms: 40, what: 'store', ...nobody },
      { at: first, ms: 30, what: 'parse', ...me },
    ])
  })

  it('is passed over when it was shorter than 20 ms, or is no time at all', () => {
    const { holds } = setUp()
    for (const ms of [0, 19.9, -1, Number.NaN]) {
      holds.note('execute', ms, jobs)
      holds.stoodStill(ms)
    }
    expect(holds.read()).toEqual([])
    holds.note('execute', 20, jobs)
    expect(holds.read()).toHaveLength(1)
  })

  it('is forgotten after ten minutes, also when nothing follows', () => {
    const { clock, holds } = setUp()
    holds.note('execute', 500, jobs)
    clock.advance(599_999)
    expect(holds.read()).toHaveLength(1)
    clock.advance(1)
    expect(holds.read()).toEqual([])
  })

  it('is at most fifty, the longest', () => {
    const { holds } = setUp()
    for (let ms = 20; ms < 120; ms += 1) holds.note('execute', ms, jobs)
    const lengths = holds.read().map(({ ms }) => ms)
    expect([lengths.length, lengths[0], lengths.at(-1)]).toEqual([50, 119, 70])
  })

  it('tells no more than the first hundred characters of a name that a client gave', () => {
    const { holds } = setUp()
    holds.note('validate', 50, { ...jobs, operationName: '😀'.repeat(1_000) })
    expect(holds.read()[0]?.operationName).toBe(`${'😀'.repeat(50)}…`)
  })
})

describe('a loop that stood still', () => {
  it('is told of with the operation that was begun last and is under way', () => {
    const { clock, holds } = setUp()
    const ends = [me, jobs].map((by) => holds.begin(by))
    holds.stoodStill(150)
    expect(holds.read()).toEqual([{ at: clock.now(), ms: 150, what: 'unknown', ...jobs }])
    ends[1]?.()
    clock.advance(1_000)
    holds.stoodStill(140)
    expect(holds.read()[1]).toMatchObject({ ms: 140, requestId: 'req_2' })
    ends[0]?.()
    clock.advance(1_000)
    holds.stoodStill(130)
    expect(holds.read()[2]).toMatchObject({ ms: 130, ...nobody })
  })

  it('knows of an operation until each of its beginnings has ended', () => {
    const { holds } = setUp()
    const [once, twice] = [holds.begin(jobs), holds.begin(jobs)]
    once()
    once()
    holds.stoodStill(100)
    expect(holds.read()[0]).toMatchObject(jobs)
    twice()
  })

  it('is passed over when it was noted why, before it was seen or a moment after', () => {
    const before = setUp()
    before.holds.note('execute', 150, jobs)
    before.clock.advance(60)
    before.holds.stoodStill(130)
    expect(before.holds.read().map(({ what }) => what)).toEqual(['execute'])

    const after = setUp()
    after.holds.stoodStill(150)
    expect(after.holds.read().map(({ what }) => what)).toEqual(['unknown'])
    after.clock.advance(5)
    after.holds.note('garbage collection', 140, null)
    expect(after.holds.read().map(({ what }) => what)).toEqual(['garbage collection'])
  })

  it('is told of when what was noted makes up less than half of it, or was at another time', () => {
    const { clock, holds } = setUp()
    holds.note('execute', 30, jobs)
    holds.stoodStill(300)
    clock.advance(101)
    holds.note('garbage collection', 300, null)
    expect(holds.read().map(({ what, ms }) => [what, ms])).toEqual([
      ['unknown', 300],
      ['garbage collection', 300],
      ['execute', 30],
    ])
  })

  it('knows a thousand operations under way at most', () => {
    const { holds } = setUp()
    const ends = Array.from({ length: 1_000 }, () => holds.begin(me))
    const over = holds.begin(jobs)
    holds.stoodStill(100)
    expect(holds.read()[0]).toMatchObject(me)
    // Whoever was not taken note of has nothing to end.
    over()
    for (const end of ends) end()
    holds.begin(jobs)
    holds.stoodStill(200)
    expect(holds.read()[0]).toMatchObject(jobs)
  })
})
