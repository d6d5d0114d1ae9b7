import { describe, expect, it } from 'vitest'
import { callsFor, fibonacci } from '../../../src/workers/tasks/compute-fibonacci/fibonacci.ts'

describe('Fibonacci numbers', () => {
  it('are those that are known', () => {
    const first = [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55]
    expect(first.map((_, n) => fibonacci(n, () => undefined))).toEqual(first)
    expect(fibonacci(25, () => undefined)).toBe(75_025)
  })

  it('tell of every call that is made', () => {
    for (const n of [0, 1, 2, 10, 20, 21, 24]) {
      let calls = 0
      fibonacci(n, (made) => {
        calls += made
      })
      expect(calls).toBe(callsFor(n))
    }
    expect(callsFor(45)).toBe(3_672_623_805)
  })

  it('end where the listener throws', () => {
    const stop = (): never => {
      throw new Error('stop')
    }
    expect(() => fibonacci(45, stop)).toThrow('stop')
  })
})
