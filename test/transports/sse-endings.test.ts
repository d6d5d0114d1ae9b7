import { describe, expect, it } from 'vitest'
import { Refusal } from '../../src/core/errors.ts'
import { eventually } from '../support/eventually.ts'
import { textFrame } from '../support/fake-frame-stream.ts'
import { openFrameServer } from '../support/open-frame-server.ts'
import { openRawHttp, rawPost, readChunks } from '../support/raw-http.ts'

const accept = 'text/event-stream'
const watch = rawPost({ query: 'subscription { counter { n } }' }, accept)
const large = textFrame({ text: 'x'.repeat(12_000_000) })

describe('an event stream', () => {
  it('begins at once, before there is an event, so that a client finds out whether something holds it back', async () => {
    await using server = await openFrameServer()
    const raw = await openRawHttp(server.port, watch)
    await raw.until('\r\n\r\nf\r\nretry: 1000\n:\n\n\r\n')
    expect(readChunks(raw.received).chunks).toEqual(['retry: 1000\n:\n\n'])
    raw.socket.destroy()
  })

  it('that fails on our side breaks off, without `complete` and without the end of the answer', async () => {
    await using server = await openFrameServer()
    const raw = await openRawHttp(server.port, watch)
    const stream = await server.begun(0)
    stream.push(textFrame({ n: 1 }))
    await raw.until('"n":1')
    stream.finish(new Error('secret detail'))
    await eventually(() => raw.closed)
    expect(readChunks(raw.received)).toMatchObject({ chunks: [{}, {}], isWhole: false })
    expect(raw.received).not.toContain('secret')
    expect(server.logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
  })

  it('that is refused in its middle tells why, without an id, and completes', async () => {
    await using server = await openFrameServer()
    const raw = await openRawHttp(server.port, watch)
    const stream = await server.begun(0)
    stream.push(textFrame({ n: 1 }))
    stream.finish(new Refusal('CURSOR_EXPIRED', 'Forgotten.'))
    await raw.until('\r\n0\r\n\r\n')
    const { chunks, isWhole } = readChunks(raw.received)
    const error = '{"errors":[{"message":"Forgotten.","extensions":{"code":"CURSOR_EXPIRED"}}]}'
    expect(chunks.slice(2)).toEqual([`event: next\ndata: ${error}\n\nevent: complete\ndata:\n\n`])
    expect(isWhole).toBe(true)
    raw.socket.destroy()
  })

  it.each(['SESSION_REVOKED', 'UNAUTHENTICATED'] as const)(
    'of a client that does not read is cut off soon after its credential has ended: %s',
    async (code) => {
      await using server = await openFrameServer()
      const raw = await openRawHttp(server.port, watch, { reads: false })
      const stream = await server.begun(0)
      stream.push(large)
      await eventually(() => server.waitingBytes > 0)
      stream.finish(new Refusal(code, 'Over.'))
      // The time for others is 30 s.
      await eventually(() => server.connections === 0, 2_000)
      raw.socket.destroy()
    },
  )

  it('of a client that reads is told so, and its connection serves on', async () => {
    await using server = await openFrameServer()
    const raw = await openRawHttp(server.port, watch)
    const stream = await server.begun(0)
    stream.finish(new Refusal('SESSION_REVOKED', 'Over.'))
    await raw.until('\r\n0\r\n\r\n')
    raw.socket.write(watch)
    await server.begun(1)
    expect([raw.received.includes('SESSION_REVOKED'), server.connections]).toEqual([true, 1])
    raw.socket.destroy()
  })

  it('whose client goes in the middle of an event ends for nobody else', async () => {
    await using server = await openFrameServer()
    const [gone, stays] = [
      await openRawHttp(server.port, watch, { reads: false }),
      await openRawHttp(server.port, watch),
    ]
    const [first, second] = [await server.begun(0), await server.begun(1)]
    for (const stream of [first, second]) stream.push(large)
    await eventually(() => server.waitingBytes > 0)
    gone.socket.resetAndDestroy()
    await eventually(() => server.connections === 1)
    const streams = [first, second].map((stream) => stream.calls.includes('end'))
    expect(streams.filter((isOver) => isOver)).toHaveLength(1)
    await stays.untilNearEnd('"c1.fake.1"}}}\n\n\r\n')
    expect(readChunks(stays.received).chunks.filter((chunk) => chunk !== ':\n\n')).toHaveLength(2)
    stays.socket.destroy()
  })
})
