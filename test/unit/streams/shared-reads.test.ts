import { describe, expect, it } from 'vitest'
import type { Records } from '../../../src/ports/store.ts'
import type { TopicStream } from '../../../src/services/streams/stream.ts'
import { openHub, take, type TestHub } from './open-hub.ts'

/** Counts how often events, and not only heads, are read from the log. */
function countEventReads(test: TestHub): { times: number } {
  const counted = { times: 0 }
  const { read } = test.log
  test.log.read = <T>(work: (records: Records) => Promise<T>) =>
    read((records) => {
      const counting: Pick<Records['log'], 'read'> = {
        read(...options) {
          counted.times += 1
          return records.log.read(...options)
        },
      }
      return work({ ...records, log: { ...records.log, ...counting } })
    })
  return counted
}

/** Replays a topic of 250 KB, a sixteenth of what may be held of all topics. */
async function replayLarge(test: TestHub, topic: string): Promise<TopicStream> {
  if (!test.log.has(topic)) {
    for (let n = 1; n <= 10; n += 1) test.log.append(topic, { n, text: 'x'.repeat(25_000) })
  }
  const resume = { after: 'earliest', onGap: 'error' } as const
  const stream = await test.hub.open({ topic, resume, snapshot: async () => ({}) })
  await take(stream, 10)
  return stream
}

/** How often the log is read by two who replay the same. */
async function readTwice(test: TestHub): Promise<number> {
  const counted = countEventReads(test)
  await replayLarge(test, 'twice')
  await replayLarge(test, 'twice')
  return counted.times
}

describe('streams of one topic', () => {
  it('that come back to the same place read each event from the log once', async () => {
    const test = openHub()
    test.lose(...Array.from({ length: 100 }, (_, index) => index + 1))
    const counted = countEventReads(test)
    for (let round = 0; round < 3; round += 1) {
      const streams = await Promise.all(Array.from({ length: 50 }, () => test.open({ after: 'earliest' })))
      const all = await Promise.all(streams.map((stream) => take(stream, 100)))
      expect(all.every((items) => items.every(({ position }, index) => position.offset === index + 1))).toBe(true)
    }
    expect(counted.times).toBe(2)
  })

  it('hold nothing any more once the last of them is returned', async () => {
    const test = openHub()
    for (let n = 1; n <= 20; n += 1) await (await replayLarge(test, `topic ${n}`)).return()
    expect(await readTwice(test)).toBe(1)
  })

  it('hold what was read within bounds, and not for longer than it is wanted', async () => {
    const test = openHub()
    for (let n = 1; n <= 20; n += 1) await replayLarge(test, `topic ${n}`)
    expect(await readTwice(test)).toBe(2)
    await test.checkPositions()
    await test.checkPositions()
    expect(await readTwice(test)).toBe(1)
  })
})
