import { describe, expect, it } from 'vitest'
import { createRecycling } from '../../../src/services/operations/recycle.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'

const minute = 60_000

/** A process of that age that tells what it was asked to leave for. */
function openRecycling(age: number) {
  const left: string[] = []
  const logger = collectingLogger()
  let uptimeMs = age
  const host = { leave: (reason: string) => void left.push(reason) }
  const recycling = createRecycling({ host, logger, uptimeMs: () => uptimeMs })
  const live = (ms: number) => {
    uptimeMs += ms
  }
  return { recycling, left, logger, live }
}

describe('a process with too much memory', () => {
  it('asks once to leave, and says why', () => {
    const { recycling, left } = openRecycling(5 * minute)
    expect(recycling.isLeaving).toBe(false)
    recycling.over('RSS_HIGH')
    recycling.over('HEAP_HIGH')
    expect([left, recycling.isLeaving]).toEqual([['Its memory is over MEMORY_RSS_MB.'], true])
  })

  it('stays for what its end may not help against', () => {
    const { recycling, left } = openRecycling(5 * minute)
    recycling.over('MEMORY_GROWTH')
    recycling.over('EXTERNAL_HIGH')
    recycling.over('HEAP_GROWN')
    expect([left, recycling.isLeaving]).toEqual([[], false])
  })

  it('does not leave in its first five minutes, so that successors that are as big do not follow each other for ever', () => {
    const { recycling, left, logger, live } = openRecycling(minute)
    recycling.over('HEAP_HIGH')
    live(4 * minute - 1)
    recycling.over('HEAP_HIGH')
    expect(logger.lines).toEqual([
      expect.objectContaining({ level: 'warn', fields: { kind: 'HEAP_HIGH', inSeconds: 240 } }),
    ])
    expect([left, recycling.isLeaving]).toEqual([[], false])
    live(1)
    recycling.over('HEAP_HIGH')
    expect(left).toEqual(['Its JavaScript heap is over MEMORY_HEAP_MB.'])
  })

  it('asks again every five minutes while it is still there, and takes part again meanwhile when the alert is over', () => {
    const { recycling, left, live } = openRecycling(5 * minute)
    recycling.over('HEAP_HIGH')
    live(5 * minute - 1)
    recycling.over('HEAP_HIGH')
    expect([left.length, recycling.isLeaving]).toEqual([1, true])
    live(1)
    expect(recycling.isLeaving).toBe(false)
    recycling.over('HEAP_HIGH')
    expect([left.length, recycling.isLeaving]).toEqual([2, true])
  })
})
