import { describe, expect, it } from 'vitest'
import type { Frame } from '../../../../../src/server/operation.ts'
import { createFrame } from '../../../../../src/server/streams/groups/frame.ts'
import { createFrameCaches } from '../../../../../src/server/streams/groups/frame-cache.ts'

const at = (offset: number, last = false) => ({ epoch: 'epoch1234', offset, last })

describe('a frame', () => {
  it('is the answer with the place after it', () => {
    const frame = createFrame('{"data":{"n":1}}', at(40, true))
    expect(frame.cursor).toBe('c1.epoch1234.14')
    expect(frame.last).toBe(true)
    expect(JSON.parse(frame.payload)).toEqual({ data: { n: 1 }, extensions: { resume: { cursor: 'c1.epoch1234.14' } } })
    expect(JSON.parse(createFrame('{}', at(1)).payload)).toEqual({
      extensions: { resume: { cursor: 'c1.epoch1234.1' } },
    })
  })

  it('tells one subscriber how the stream came to be', () => {
    const shared = createFrame('{"data":null}', at(2))
    const opened = shared.opened({ status: 'recovered', gap: false, replayed: 3 })
    expect(JSON.parse(opened.payload)).toEqual({
      data: null,
      extensions: { resume: { cursor: 'c1.epoch1234.2', status: 'recovered', gap: false, replayed: 3 } },
    })
    expect(JSON.parse(shared.payload).extensions.resume).toEqual({ cursor: 'c1.epoch1234.2' })
  })

  it('is encoded once in each way', () => {
    const frame = createFrame('{"data":null}', at(2))
    const calls: string[] = []
    const encodings = ['one', 'two', 'three'].map((name) => (given: Frame) => {
      calls.push(name)
      return `${name} ${given.cursor}`
    })
    for (const encode of [...encodings, ...encodings.toReversed()]) {
      expect(frame.encoded(encode)).toMatch(/^(one|two|three) c1\.epoch1234\.2$/)
    }
    expect(frame.encoded(encodings[1] ?? String)).toBe('two c1.epoch1234.2')
    expect(calls).toEqual(['one', 'two', 'three'])
  })
})

describe('the caches of frames', () => {
  const frame = (offset: number, size = 100) => createFrame(JSON.stringify({ data: 'x'.repeat(size) }), at(offset))

  it('give back what was put in, each group its own', () => {
    const caches = createFrameCaches()
    const [one, other] = [caches.open(), caches.open()]
    const kept = frame(1)
    one.set(kept)
    expect(one.get(kept.cursor)).toBe(kept)
    expect(other.get(kept.cursor)).toBe(undefined)
  })

  it('hold no more than they may together: the oldest goes first', () => {
    const size = 1_500 + 20 * frame(1).payload.length
    const caches = createFrameCaches(3 * size)
    const [one, other] = [caches.open(), caches.open()]
    one.set(frame(1))
    other.set(frame(2))
    one.set(frame(3))
    other.set(frame(4))
    expect(caches.bytes).toBe(3 * size)
    const found = [one.get('c1.epoch1234.1'), other.get('c1.epoch1234.2'), one.get('c1.epoch1234.3')]
    expect(found.map((some) => some?.offset)).toEqual([undefined, 2, 3])
    other.set(frame(5, 100_000))
    expect(caches.bytes).toBe(0)
  })

  it('count a frame that is put in again once', () => {
    const caches = createFrameCaches()
    const cache = caches.open()
    cache.set(frame(1))
    const again = frame(1)
    cache.set(again)
    expect(cache.get(again.cursor)).toBe(again)
    expect(caches.bytes).toBe(1_500 + 20 * again.payload.length)
  })

  it('forget a group that is over, and what comes for it afterwards', () => {
    const caches = createFrameCaches()
    const [one, other] = [caches.open(), caches.open()]
    one.set(frame(1))
    other.set(frame(2))
    one.close()
    one.set(frame(3))
    expect(one.get('c1.epoch1234.1')).toBe(undefined)
    expect(caches.bytes).toBe(1_500 + 20 * frame(2).payload.length)
  })
})
