import { describe, expect, it } from 'vitest'
import { createControl } from '../../../../src/workers/control.ts'
import { createCounter } from '../../../../src/workers/thread/counter.ts'

function openCounters() {
  const control = createControl()
  let told = 0
  const open = () =>
    createCounter(control, () => {
      told += 1
    })
  return {
    counters: [open(), open()] as const,
    get told() {
      return told
    },
  }
}

describe('a counter', () => {
  it('is one for all shards, exact beyond 32 bits', () => {
    const [one, two] = openCounters().counters
    expect([one.add(), two.add(2 ** 40), one.add(-1)]).toEqual([1, 2 ** 40 + 1, 2 ** 40])
    expect(two.value).toBe(2 ** 40)
  })

  it('tells once of each shard that it goes up to something', () => {
    const opened = openCounters()
    const [one, two] = opened.counters
    expect(one.total).toBe(0)
    one.total = 10
    one.total = 20
    expect(two.total).toBe(20)
    expect(opened.told).toBe(1)
  })

  it('counts whole numbers', () => {
    const [one] = openCounters().counters
    expect(() => one.add(0.5)).toThrow(RangeError)
    expect(() => {
      one.total = -1
    }).toThrow('The total of a counter is a whole number, not negative: it was given -1.')
    expect([one.value, one.total]).toEqual([0, 0])
  })
})
