import { describe, expect, it } from 'vitest'
import { createOutbox } from '../../../src/adapters/redis/outbox.ts'

/** An outbox over a connection that the test moves. */
function openOutbox() {
  const sent: (readonly [string, readonly string[]])[] = []
  const connection = { isUp: true, answer: async () => undefined as void }
  const outbox = createOutbox({
    isUp: () => connection.isUp,
    send(channel, texts) {
      sent.push([channel, texts])
      return connection.answer()
    },
  })
  return { outbox, sent, connection }
}

const megabyte = 'x'.repeat(1024 * 1024)

describe('what is said to other processes', () => {
  it('goes out after the turn in which it was said, together for each channel and in order', async () => {
    const { outbox, sent } = openOutbox()
    for (const text of ['1', '2', '3']) {
      outbox.push('a', text)
      outbox.push('b', text)
    }
    expect(sent).toEqual([])
    await new Promise(setImmediate)
    expect(sent).toEqual([
      ['a', ['1', '2', '3']],
      ['b', ['1', '2', '3']],
    ])
    outbox.push('a', '4')
    await outbox.flushed()
    expect(sent[2]).toEqual(['a', ['4']])
    expect(outbox.takeLoss()).toBe(false)
  })

  it('is lost while there is no connection, and when it may not have arrived, which is told once', async () => {
    const { outbox, sent, connection } = openOutbox()
    connection.isUp = false
    outbox.push('a', '1')
    connection.isUp = true
    await outbox.flushed()
    expect(sent).toEqual([])
    expect([outbox.takeLoss(), outbox.takeLoss()]).toEqual([true, false])
    outbox.push('a', '2')
    connection.isUp = false
    await outbox.flushed()
    expect([sent, outbox.takeLoss()]).toEqual([[], true])
    connection.isUp = true
    connection.answer = () => Promise.reject(new Error('The connection broke.'))
    outbox.push('a', '3')
    await outbox.flushed()
    expect([sent.length, outbox.takeLoss(), outbox.takeLoss()]).toEqual([1, true, false])
  })

  it('is lost when it is too long', async () => {
    const { outbox, sent } = openOutbox()
    outbox.push('a', `${megabyte}x`)
    outbox.push('a', megabyte)
    await outbox.flushed()
    expect([sent.length, outbox.takeLoss()]).toEqual([1, true])
  })

  it('does not pile up: over 8 MiB that were not answered it is lost, until they are', async () => {
    const { outbox, sent, connection } = openOutbox()
    const answered = Promise.withResolvers<void>()
    connection.answer = () => answered.promise
    for (let n = 0; n < 20; n += 1) outbox.push(`c${n}`, megabyte)
    await new Promise(setImmediate)
    expect([sent.length, outbox.takeLoss()]).toEqual([8, true])
    answered.resolve()
    await outbox.flushed()
    outbox.push('a', megabyte)
    await outbox.flushed()
    expect([sent.length, outbox.takeLoss()]).toEqual([9, false])
  })

  it('is split where much is said in one turn, and stays in order', async () => {
    const { outbox, sent } = openOutbox()
    const texts = Array.from({ length: 1000 }, (_, n) => `${n}`.padEnd(1000, '.'))
    for (const text of texts) outbox.push('a', text)
    await outbox.flushed()
    expect(sent.length).toBeGreaterThan(3)
    expect(sent.length).toBeLessThan(6)
    expect(sent.flatMap(([, each]) => each)).toEqual(texts)
  })
})
