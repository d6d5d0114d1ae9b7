import { describe, expect, it } from 'vitest'
import type { Frame } from '../../../client/frame.ts'
import { createFrameQueue } from '../../../client/frame-queue.ts'

const frame = (n: number): Frame => ({ data: { n } })

describe('a queue of frames', () => {
  it('gives them in order to those who wait, and to those who come later', async () => {
    const queue = createFrameQueue(3)
    const waiting = [queue.next(), queue.next()]
    for (const n of [1, 2, 3, 4]) queue.push(frame(n))
    const results = [...(await Promise.all(waiting)), await queue.next(), await queue.next()]
    expect(results.map(({ value }) => value?.data?.['n'])).toEqual([1, 2, 3, 4])
  })

  it('is full at its limit, and tells when it has been emptied', async () => {
    const queue = createFrameQueue(2)
    queue.push(frame(1))
    expect(queue.isFull).toBe(false)
    queue.push(frame(2))
    expect(queue.isFull).toBe(true)
    let drained = false
    const waiting = queue.drained().then(() => (drained = true))
    await queue.next()
    expect(drained).toBe(false)
    await queue.next()
    await waiting
    expect(queue.isFull).toBe(false)
  })

  it('ends after its frames, with the failure once', async () => {
    const queue = createFrameQueue(2)
    queue.push(frame(1))
    const reason = new Error('lost')
    queue.end({ reason })
    queue.end()
    queue.push(frame(2))
    expect((await queue.next()).value?.data).toEqual({ n: 1 })
    await expect(queue.next()).rejects.toBe(reason)
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  it('drops what waits when it is cut, and wakes who waits', async () => {
    const cut = createFrameQueue(2)
    cut.push(frame(1))
    const drained = cut.drained()
    cut.cut()
    await drained
    expect(await cut.next()).toEqual({ done: true, value: undefined })

    const aborted = createFrameQueue(2)
    const waiting = aborted.next()
    aborted.cut({ reason: 'stop' })
    await expect(waiting).rejects.toBe('stop')
  })
})
