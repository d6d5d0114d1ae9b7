import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AlertKind } from '../../../src/core/alerts.ts'
import { createRecycling } from '../../../src/services/operations/recycle.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'

/** A process of that age that tells what it was asked to leave for. */
function openRecycling(uptimeMs: number) {
  const left: string[] = []
  const raised: AlertKind[] = []
  const logger = collectingLogger()
  const born = Date.now() - uptimeMs
  const recycling = createRecycling({
    host: { leave: (reason) => void left.push(reason) },
    logger,
    raised: () => raised,
    uptimeMs: () => Date.now() - born,
  })
  return { recycling, left, raised, logger, [Symbol.dispose]: () => recycling[Symbol.dispose]() }
}

describe('a process with too much memory', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('asks once to leave, and says why', () => {
    using opened = openRecycling(300_000)
    expect(opened.recycling.isLeaving).toBe(false)
    opened.recycling.over('RSS_HIGH')
    opened.recycling.over('HEAP_HIGH')
    expect([opened.left, opened.recycling.isLeaving]).toEqual([['Its memory is over MEMORY_RSS_MB.'], true])
  })

  it('stays for what its end may not help against', () => {
    using opened = openRecycling(300_000)
    opened.recycling.over('MEMORY_GROWTH')
    opened.recycling.over('EXTERNAL_HIGH')
    opened.recycling.over('LOOP_DELAYED')
    expect([opened.left, opened.recycling.isLeaving]).toEqual([[], false])
  })

  it('does not leave in its first five minutes, so that successors that are as big do not follow each other for ever', () => {
    using opened = openRecycling(60_000)
    opened.raised.push('HEAP_HIGH')
    opened.recycling.over('HEAP_HIGH')
    opened.recycling.over('HEAP_HIGH')
    expect(opened.logger.lines).toEqual([
      expect.objectContaining({ level: 'warn', fields: { kind: 'HEAP_HIGH', inSeconds: 240 } }),
    ])
    vi.advanceTimersByTime(239_999)
    expect(opened.left).toEqual([])
    vi.advanceTimersByTime(1)
    expect(opened.left).toEqual(['Its JavaScript heap is over MEMORY_HEAP_MB.'])
  })

  it('stays where the alert was cleared by then, and leaves when it comes back', () => {
    using opened = openRecycling(0)
    opened.recycling.over('HEAP_HIGH')
    opened.raised.push('MEMORY_GROWTH')
    vi.advanceTimersByTime(300_000)
    expect(opened.left).toEqual([])
    opened.recycling.over('HEAP_HIGH')
    expect(opened.left).toHaveLength(1)
  })

  it('asks nothing more once it is stopped', () => {
    const opened = openRecycling(0)
    opened.raised.push('RSS_HIGH')
    opened.recycling.over('RSS_HIGH')
    opened.recycling[Symbol.dispose]()
    vi.advanceTimersByTime(600_000)
    opened.recycling.over('RSS_HIGH')
    expect([opened.left, vi.getTimerCount()]).toEqual([[], 0])
  })
})
