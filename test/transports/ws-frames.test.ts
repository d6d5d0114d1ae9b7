import { createClient } from 'graphql-ws'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Refusal } from '../../src/core/errors.ts'
import { eventually } from '../support/eventually.ts'
import { textFrame } from '../support/fake-frame-stream.ts'
import { type FakeStreams, openFakeStreams } from '../support/open-fake-streams.ts'
import { openStrictSocket, type StrictSocket } from '../support/strict-socket.ts'
import { opcodes } from '../support/websocket-frames.ts'

/** A strict client with one stream for each id. */
async function openStrict(server: FakeStreams, ...ids: readonly string[]): Promise<StrictSocket> {
  const strict = await openStrictSocket(server.url)
  strict.send('{"type":"connection_init"}')
  expect(await strict.nextMessage()).toEqual({ type: 'connection_ack' })
  const opened = server.streams.length
  for (const id of ids) strict.send(JSON.stringify({ id, type: 'subscribe', payload: { query: 'stream' } }))
  await eventually(() => server.streams.length === opened + ids.length)
  return strict
}

/** What is written to the server's end of a connection from now on, write by write. */
function watchWrites(server: FakeStreams): readonly string[] {
  const writes: string[] = []
  const socket = server.sockets.at(-1)
  if (socket === undefined) throw new Error('No socket was opened.')
  const { write } = socket
  socket.write = (chunk: unknown, ...rest: unknown[]) => {
    writes.push(String(chunk))
    return Reflect.apply(write, socket, [chunk, ...rest]) as boolean // as `write` answers
  }
  return writes
}

const ids = ['1', 'ünï', '😀 "quoted" \\', 'x'.repeat(256)]
const texts = ['', '😀', 'ÿ'.repeat(300), '😀'.repeat(17_500), 'x'.repeat(1_048_576)]

describe('the frames of a stream', () => {
  it('are whole for a strict reader, whatever the ids and the sizes', async () => {
    await using server = await openFakeStreams()
    using strict = await openStrict(server, ...ids)
    for (const text of texts) {
      const frame = textFrame({ data: { text } }, 'c1.e.1')
      for (const stream of server.streams) stream.push(frame)
      const payload = { data: { text }, extensions: { resume: { cursor: 'c1.e.1' } } }
      for (const id of ids) expect(await strict.nextMessage()).toEqual({ id, type: 'next', payload })
    }
  })

  it.each([125, 126, 127, 65_535, 65_536, 70_000])('may have %i bytes', async (length) => {
    await using server = await openFakeStreams()
    using strict = await openStrict(server, '1')
    const size = (text: string) =>
      Buffer.byteLength(`{"id":"1","type":"next","payload":${textFrame({ t: text }, '').payload}}`)
    server.streams[0]?.push(textFrame({ t: 'x'.repeat(length - size('')) }, ''), textFrame({ t: 'next' }))
    expect((await strict.next()).payload).toHaveLength(length)
    expect(await strict.nextMessage()).toMatchObject({ payload: { t: 'next' } })
  })

  it('are answers for the stock client', async () => {
    await using server = await openFakeStreams()
    const client = createClient({ url: server.url.replace('http', 'ws'), webSocketImpl: WebSocket })
    const answers = client.iterate({ query: 'stream' })
    const first = answers.next()
    await eventually(() => server.streams.length === 1)
    const frames = texts.map((text, index) => textFrame({ data: { text } }, `c1.e.${index}`, text === texts.at(-1)))
    server.streams[0]?.push(...frames)
    expect((await first).value).toEqual(JSON.parse(frames[0]?.payload ?? ''))
    for (const frame of frames.slice(1)) {
      expect((await answers.next()).value).toEqual(JSON.parse(frame.payload))
    }
    expect((await answers.next()).done).toBe(true)
    await client.dispose()
  })
})

describe('what is sent within one piece of work', () => {
  it('goes out in one write, in order, the end of a stream with it', async () => {
    await using server = await openFakeStreams()
    using strict = await openStrict(server, '1', '2')
    const writes = watchWrites(server)
    const [one, two] = server.streams
    one?.push(textFrame({ n: 1 }), textFrame({ n: 2 }))
    two?.push(textFrame({ n: 3 }, 'c1.e.3', true))
    one?.finish(new Refusal('FORBIDDEN', 'Not any more.'))
    const seen = []
    for (let count = 0; count < 6; count += 1) seen.push(await strict.nextMessage())
    expect(seen).toMatchObject([
      { id: '1', type: 'next', payload: { n: 1 } },
      { id: '1', type: 'next', payload: { n: 2 } },
      { id: '2', type: 'next', payload: { n: 3 } },
      { id: '2', type: 'complete' },
      { id: '1', type: 'next', payload: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } },
      { id: '1', type: 'complete' },
    ])
    expect(writes).toHaveLength(1)
  })

  it('goes out before the socket is closed, and nothing follows', async () => {
    await using server = await openFakeStreams()
    using strict = await openStrict(server, '1')
    const [stream] = server.streams
    const { sink } = stream ?? {}
    stream?.push(textFrame({ n: 1 }))
    server.endCredential(new Refusal('SESSION_REVOKED', 'This session is over.'))
    sink?.send(textFrame({ n: 2 }))
    expect(await strict.nextMessage()).toMatchObject({ payload: { n: 1 } })
    const { opcode, payload } = await strict.next()
    expect([opcode, payload.readUInt16BE(0)]).toEqual([opcodes.close, 4401])
    expect(stream?.calls).toEqual(['begin', 'end'])
    strict.send(payload, opcodes.close)
    await expect(strict.next()).rejects.toThrow('closed')
  })

  it('is not sent after a close that the client has asked for', async () => {
    await using server = await openFakeStreams()
    using strict = await openStrict(server, '1')
    const [stream] = server.streams
    strict.send(Buffer.from([0x03, 0xe8]), opcodes.close)
    expect((await strict.next()).opcode).toBe(opcodes.close)
    stream?.push(textFrame({ n: 1 }))
    await expect(strict.next()).rejects.toThrow('closed')
    await eventually(() => stream?.calls.includes('end') === true)
  })
})

describe('how a stream ends', () => {
  it.each([
    [new Refusal('SESSION_REVOKED', 'This session is over.'), 4401],
    [new Refusal('UNAUTHENTICATED', 'The token has expired.'), 4403],
    [new Error('secret detail'), 1013],
  ])('is told by %s with a close and without `complete`', async (reason, code) => {
    await using server = await openFakeStreams()
    using strict = await openStrict(server, '1', '2')
    server.streams[0]?.finish(reason)
    const { opcode, payload } = await strict.next()
    expect([opcode, payload.readUInt16BE(0)]).toEqual([opcodes.close, code])
    expect(payload.toString('utf8')).not.toContain('secret')
    strict.socket.end()
    await eventually(() => server.streams[1]?.calls.includes('end') === true)
  })

  it('frees its id, and its place among those that a socket may have', async () => {
    await using server = await openFakeStreams({ maxOperations: 1 })
    using strict = await openStrict(server, '1')
    server.streams[0]?.finish(null)
    expect(await strict.nextMessage()).toEqual({ id: '1', type: 'complete' })
    strict.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'stream' } }))
    await eventually(() => server.streams.length === 2)
    server.streams[1]?.push(textFrame({ n: 1 }))
    expect(await strict.nextMessage()).toMatchObject({ id: '1', payload: { n: 1 } })
  })
})
