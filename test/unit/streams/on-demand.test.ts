import { describe, expect, it } from 'vitest'
import { interestMs } from '../../../src/services/streams/retention.ts'
import { openHub, take, tooLarge } from './open-hub.ts'

const hour = 3_600_000
const onDemand = { onDemand: true }

describe('a topic that is written on demand', () => {
  it('is made before the stream is open, so that no cursor is in the blank epoch', async () => {
    const test = openHub()
    const stream = await test.open(null, onDemand)
    expect(test.log.has('t')).toBe(true)
    expect(stream.position).toEqual({ epoch: test.log.head('t').epoch, offset: 0 })
  })

  it('stays while a stream is open, told once an hour', async () => {
    const test = openHub()
    await test.open(null, onDemand)
    const first = test.log.wantedUntil('t')
    test.clock.advance(hour - 1)
    await test.checkPositions()
    expect(test.log.wantedUntil('t')).toBe(first)
    test.clock.advance(1)
    await test.checkPositions()
    expect(test.log.wantedUntil('t')).toBe((first ?? 0) + hour)
  })

  it('stays for long enough after the last stream of it, whenever that ends', async () => {
    const test = openHub()
    const stream = await test.open(null, onDemand)
    test.clock.advance(hour + 25_000)
    await stream.return()
    expect(test.log.wantedUntil('t')).toBeGreaterThanOrEqual(test.clock.now() + interestMs)
    const last = test.log.wantedUntil('t')
    test.clock.advance(10 * hour)
    await test.checkPositions()
    expect(test.log.wantedUntil('t')).toBe(last)
  })

  it('is told once for all who open it together', async () => {
    let writes = 0
    const test = openHub({ delay: async () => undefined })
    const { write } = test.log
    test.log.write = (work) => {
      writes += 1
      return write(work)
    }
    await Promise.all([test.open(null, onDemand), test.open(null, onDemand), test.open(null, onDemand)])
    expect(writes).toBe(1)
  })

  it('that was removed after a long sleep of the process is made again before anything is read', async () => {
    const test = openHub()
    const stream = await test.open(null, onDemand)
    await take(stream, 1)
    test.clock.advance(48 * hour)
    test.log.remove('t')
    await test.checkPositions()
    expect(await take(stream, 1)).toMatchObject([
      { body: { head: 0 }, opening: { status: 'snapshot', gap: true }, position: { epoch: test.log.head('t').epoch } },
    ])
    test.clock.advance(48 * hour)
    test.log.remove('t')
    const another = await test.open(null, onDemand)
    expect(test.log.has('t')).toBe(true)
    expect(another.position.epoch).toBe(test.log.head('t').epoch)
  })

  it('that was removed meanwhile is made again by who reads on', async () => {
    const test = openHub()
    const stream = await test.open(null, onDemand)
    await take(stream, 1)
    test.bus.deliver(test.log.append('t', tooLarge(1)))
    test.clock.advance(48 * hour)
    test.log.remove('t')
    expect(await take(stream, 1)).toMatchObject([{ body: { head: 0 }, opening: { status: 'snapshot', gap: true } }])
    expect(test.log.has('t')).toBe(true)
    expect(stream.position.epoch).toBe(test.log.head('t').epoch)
  })

  it('refuses the stream when it cannot be made, and is tried anew', async () => {
    let broken = true
    const test = openHub({ delay: async () => (broken ? Promise.reject(new Error('disk full')) : undefined) })
    await expect(test.open(null, onDemand)).rejects.toThrow('disk full')
    expect(test.bus.listeners('t')).toBe(0)
    broken = false
    await test.open(null, onDemand)
    broken = true
    test.clock.advance(hour)
    await test.checkPositions()
    expect(test.logger.lines.map(({ message }) => message)).toContain(
      'The log could not be told which topics are wanted.',
    )
    broken = false
    const before = test.log.wantedUntil('t')
    await test.checkPositions()
    expect(test.log.wantedUntil('t')).toBe((before ?? 0) + hour)
  })
})
