import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startUpkeep } from '../../../src/services/operations/upkeep.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'

describe('upkeep', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('does each piece of work once a minute, also after one has failed, which the log names', async () => {
    const logger = collectingLogger()
    const done: string[] = []
    const work = {
      first: async () => done.push('first'),
      broken: () => Promise.reject(new Error('out of order')),
      last: async () => done.push('last'),
    }
    await using _upkeep = startUpkeep(work, logger)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(done).toEqual([])
    await vi.advanceTimersByTimeAsync(60_001)
    expect(done).toEqual(['first', 'last', 'first', 'last'])
    expect(logger.lines.map(({ fields }) => fields)).toEqual([
      { work: 'broken', error: 'Error: out of order' },
      { work: 'broken', error: 'Error: out of order' },
    ])
  })

  it('does not begin anew while it is under way, and waits for it when it is closed', async () => {
    const going = Promise.withResolvers<void>()
    const done: string[] = []
    const work = {
      slow: async () => {
        done.push('begun')
        await going.promise
        done.push('ended')
      },
      next: async () => done.push('next'),
    }
    const upkeep = startUpkeep(work, collectingLogger())
    await vi.advanceTimersByTimeAsync(300_000)
    expect(done).toEqual(['begun'])
    const closed = upkeep[Symbol.asyncDispose]()
    going.resolve()
    await closed
    expect(done).toEqual(['begun', 'ended'])
    await vi.advanceTimersByTimeAsync(300_000)
    expect(done).toEqual(['begun', 'ended'])
    expect(vi.getTimerCount()).toBe(0)
  })
})
