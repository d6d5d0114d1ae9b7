import { describe, expect, it } from 'vitest'
import type { HeapSnapshot, HeapSnapshotEstimate } from '../../../src/core/heap-snapshot.ts'
import { newId } from '../../../src/core/ids.ts'
import { createTurns } from '../../../src/core/turns.ts'
import { ThreadHeapError } from '../../../src/ports/compute-pool.ts'
import type { HeapSnapshots } from '../../../src/ports/heap-snapshots.ts'
import type { MemorySign } from '../../../src/core/memory.ts'
import { snapshotOnSign } from '../../../src/services/operations/heap-snapshots/snapshot-on-sign.ts'
import { takeSnapshots } from '../../../src/services/operations/heap-snapshots/take-snapshot.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const mb = 2 ** 20
const affordable: HeapSnapshotEstimate = {
  pauseMs: 3_000,
  sizeBytes: 100 * mb,
  freeBytes: 10_000 * mb,
  memoryBytes: 500 * mb,
  availableBytes: 500 * mb,
}

/** A thread whose heap cannot be had. */
const ended = () => Promise.reject(new ThreadHeapError('The thread has ended.'))

interface Wish {
  readonly keep?: number
  readonly estimate?: Partial<HeapSnapshotEstimate>
  /** What writing does. */
  readonly write?: () => Promise<void>
}

/** A process whose snapshots are in memory. */
function openTaking({ keep = 3, estimate = {}, write = async () => {} }: Wish = {}) {
  const clock = fakeClock()
  const logger = collectingLogger()
  const kept: HeapSnapshot[] = []
  const story: string[] = []
  let isBusy = false
  const snapshots: HeapSnapshots = {
    estimate: async () => ({ ...affordable, ...estimate }),
    async begin(reason, threadId = null) {
      if (isBusy) return null
      isBusy = true
      return {
        async write() {
          story.push('write')
          await write()
          const id = newId('heapSnapshot')
          const facts = { id, member: 1, pid: 7, threadId, reason }
          const snapshot = { ...facts, sizeBytes: 5, takenAt: clock.now(), pausedMs: 9 }
          kept.unshift(snapshot)
          return snapshot
        },
        async [Symbol.asyncDispose]() {
          isBusy = false
        },
      }
    },
    list: async () => kept,
    find: async () => null,
    open: async () => null,
    remove: async () => false,
    prune: async (most, ms) => void story.push(`prune ${most} ${ms}`),
  }
  const host = {
    leave: () => {},
    async pause(ms: number) {
      story.push(`pause ${ms}`)
      return () => void story.push('over')
    },
  }
  const bounds = { keep, keepMs: 1_000 }
  const mark = (label: string) => void story.push(label)
  const closing = new AbortController().signal
  const options = { snapshots, host, turns: createTurns(), logger, bounds, diskFreeBytes: 512 * mb, mark, closing }
  const take = takeSnapshots(options)
  const onSign = snapshotOnSign({ snapshots, take, clock, logger, pid: 7, maxPauseMs: 10_000 })
  const hear = (kind: MemorySign['kind'], threadId: number | null = null) => onSign({ kind, threadId })
  return { take, hear, clock, logger, kept, story }
}

describe('a heap snapshot that is asked for', () => {
  it('is taken while the supervisor knows of the pause, and old ones go afterwards', async () => {
    const { take, story, kept } = openTaking()
    expect(await take('ASKED_FOR', 3_000)).toEqual({ kind: 'taken', snapshot: kept[0] })
    expect(story).toEqual([
      'before heap snapshot',
      'pause 69000',
      'write',
      'over',
      'after heap snapshot',
      'prune 3 1000',
    ])
  })

  it.each<[string, Wish, number | null, RegExp]>([
    ['snapshots are off', { keep: 0 }, 10_000, /HEAP_SNAPSHOTS is 0/],
    ['nobody said how long it may take', {}, null, /answer nobody for up to 3,000 ms: give maxPauseMs/],
    ['it would take longer than was said', {}, 2_999, /for up to 3,000 ms, and may do so for 2,999 ms\./],
    ['it would take longer than a supervisor waits', { estimate: { pauseMs: 600_001 } }, 700_000, /too long/],
    [
      'the disk has less than twice its size and what is to stay free',
      { estimate: { freeBytes: 712 * mb - 1 } },
      3_000,
      /has 712 MB free and would need 712 MB/,
    ],
    [
      'memory is short',
      { estimate: { availableBytes: 400 * mb } },
      3_000,
      /needs up to 500 MB of memory, and 400 MB are available/,
    ],
  ])('is refused in a sentence where %s', async (_, wish, maxPauseMs, sentence) => {
    const { take, story, kept } = openTaking(wish)
    const estimate = wish.keep === 0 ? null : { ...affordable, ...wish.estimate }
    expect(await take('ASKED_FOR', maxPauseMs)).toEqual({
      kind: 'refused',
      message: expect.stringMatching(sentence),
      estimate,
    })
    expect([story, kept]).toEqual([[], []])
  })

  it('is refused at once while another one is being taken', async () => {
    const gate = Promise.withResolvers<void>()
    const { take, kept } = openTaking({ write: () => gate.promise })
    const first = take('ASKED_FOR', 3_000)
    const second = await take('HEAP_HIGH', 3_000)
    expect(second).toMatchObject({ kind: 'refused', message: expect.stringContaining('Another heap snapshot') })
    gate.resolve()
    await first
    expect(kept).toHaveLength(1)
    expect(await take('ASKED_FOR', 3_000)).toMatchObject({ kind: 'taken' })
  })

  it('ends the pause, and lets the next one begin, where it fails', async () => {
    const { take, story } = openTaking({ write: () => Promise.reject(new Error('The disk is full.')) })
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(take('ASKED_FOR', 3_000)).rejects.toThrow('The disk is full.')
    const once = ['before heap snapshot', 'pause 69000', 'write', 'over']
    expect(story).toEqual([...once, ...once])
  })
})

describe('a heap snapshot of a thread for tasks', () => {
  it('is taken while the process goes on', async () => {
    const { take, story, kept } = openTaking()
    expect(await take('ASKED_FOR', 3_000, 4)).toEqual({ kind: 'taken', snapshot: kept[0] })
    expect(kept).toMatchObject([{ threadId: 4 }])
    expect(story).toEqual(['before heap snapshot', 'write', 'after heap snapshot', 'prune 3 1000'])
  })

  it('is refused in a sentence where it would take too long, or the thread is out of reach', async () => {
    const { take } = openTaking({ write: ended })
    expect(await take('ASKED_FOR', 2_999, 4)).toMatchObject({
      message: 'The thread would run no task for up to 3,000 ms, and may do so for 2,999 ms.',
    })
    expect(await take('ASKED_FOR', 3_000, 4)).toEqual({
      kind: 'refused',
      message: 'The thread has ended.',
      estimate: null,
    })
  })
})

describe('a heap snapshot for an alert', () => {
  it('is of the thread that it is about, whatever was taken of others', async () => {
    const { hear, kept } = openTaking()
    const whose = () => kept.map(({ threadId }) => threadId)
    await hear('MEMORY_GROWTH')
    await hear('MEMORY_GROWTH', 4)
    await hear('MEMORY_GROWTH', 5)
    await hear('HEAP_HIGH')
    expect(whose()).toEqual([4, null])
  })

  it('says in the log which thread was out of reach', async () => {
    const { hear, logger } = openTaking({ write: ended })
    await hear('MEMORY_GROWTH', 4)
    expect(logger.lines).toMatchObject([
      { level: 'warn', fields: { kind: 'MEMORY_GROWTH', threadId: 4, reason: 'The thread has ended.' } },
    ])
  })

  it('is taken at most once an hour for each kind, and for another kind not right after', async () => {
    const { hear, clock, kept } = openTaking()
    const reasons = () => kept.map(({ reason }) => reason)
    await hear('HEAP_HIGH')
    await hear('HEAP_HIGH')
    await hear('RSS_HIGH')
    expect(reasons()).toEqual(['HEAP_HIGH'])
    clock.advance(10 * 60_000)
    await hear('RSS_HIGH')
    await hear('HEAP_HIGH')
    expect(reasons()).toEqual(['RSS_HIGH', 'HEAP_HIGH'])
    clock.advance(50 * 60_000 - 1)
    await hear('HEAP_HIGH')
    expect(kept).toHaveLength(2)
    clock.advance(1)
    await hear('HEAP_HIGH')
    expect(reasons()).toEqual(['HEAP_HIGH', 'RSS_HIGH', 'HEAP_HIGH'])
  })

  it('counts those that other processes have taken for it', async () => {
    const { hear, clock, kept } = openTaking()
    const takenAt = clock.now() - 1_000
    const id = newId('heapSnapshot')
    const other = { id, member: 2, pid: 8, threadId: null, sizeBytes: 5, takenAt, pausedMs: 9 }
    kept.push({ ...other, reason: 'HEAP_HIGH' })
    await hear('HEAP_HIGH')
    expect(kept).toHaveLength(1)
    await hear('RSS_HIGH')
    expect(kept).toHaveLength(2)
  })

  it('says in the log why none is taken, and does not try again at once', async () => {
    const { hear, clock, logger, kept } = openTaking({ estimate: { freeBytes: 0 } })
    const said = () => logger.lines.filter(({ message }) => message === 'No heap snapshot was taken.')
    await hear('MEMORY_GROWTH')
    await hear('MEMORY_GROWTH')
    expect(said()).toEqual([
      {
        level: 'warn',
        fields: {
          kind: 'MEMORY_GROWTH',
          reason: 'The disk has 0 MB free and would need 712 MB.',
          ...affordable,
          freeBytes: 0,
        },
        message: 'No heap snapshot was taken.',
      },
    ])
    clock.advance(300_000)
    await hear('MEMORY_GROWTH')
    expect([said().length, kept]).toEqual([2, []])
  })

  it('is taken a few minutes later where another one was under way, while the alert lasts', async () => {
    const gate = Promise.withResolvers<void>()
    const { hear, take, clock, kept } = openTaking({ write: () => gate.promise })
    const first = take('ASKED_FOR', 3_000, 4)
    await hear('HEAP_HIGH')
    gate.resolve()
    await first
    kept.length = 0
    clock.advance(299_999)
    await hear('HEAP_HIGH')
    expect(kept).toEqual([])
    clock.advance(1)
    await hear('HEAP_HIGH')
    expect(kept.map(({ reason }) => reason)).toEqual(['HEAP_HIGH'])
  })

  it('is not taken where nobody would be answered for too long, which the log says with the figures', async () => {
    const { hear, kept, logger } = openTaking({ estimate: { pauseMs: 10_001 } })
    await hear('HEAP_HIGH')
    const reason = 'The process would answer nobody for up to 10,001 ms, and may do so for 10,000 ms.'
    expect([kept, logger.lines]).toMatchObject([[], [{ level: 'warn', fields: { reason, pauseMs: 10_001 } }]])
    // Of a thread for tasks, only its tasks wait.
    await hear('MEMORY_GROWTH', 4)
    expect(kept).toHaveLength(1)
  })

  it('is taken of a heap that has grown at most once a day, by all processes together', async () => {
    const { hear, clock, kept } = openTaking()
    await hear('HEAP_GROWN')
    const other = openTaking()
    other.kept.push(...kept.map((snapshot) => ({ ...snapshot, pid: 8 })))
    await other.hear('HEAP_GROWN')
    expect(other.kept).toHaveLength(1)
    for (const hours of [1, 22]) {
      clock.advance(hours * 3_600_000)
      await hear('HEAP_GROWN')
    }
    expect(kept).toHaveLength(1)
    clock.advance(3_600_000)
    await hear('HEAP_GROWN')
    expect(kept.map(({ reason }) => reason)).toEqual(['HEAP_GROWN', 'HEAP_GROWN'])
  })

  it('never rejects', async () => {
    const { hear, logger } = openTaking({ write: () => Promise.reject(new Error('The disk is full.')) })
    await hear('HEAP_HIGH')
    expect(logger.lines).toEqual([
      {
        level: 'error',
        fields: { kind: 'HEAP_HIGH', error: 'Error: The disk is full.' },
        message: 'The heap snapshot could not be taken.',
      },
    ])
  })
})
