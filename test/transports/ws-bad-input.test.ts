import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { textFrame } from '../support/fake-frame-stream.ts'
import { type FakeStreams, openFakeStreams } from '../support/open-fake-streams.ts'
import { openStrictSocket, type StrictSocket } from '../support/strict-socket.ts'
import { maskedFrame, opcodes } from '../support/websocket-frames.ts'

const init = '{"type":"connection_init"}'
const subscribe = '{"id":"1","type":"subscribe","payload":{"query":"stream"}}'

async function openStrict(server: FakeStreams): Promise<StrictSocket> {
  const strict = await openStrictSocket(server.url)
  strict.send(init)
  await strict.nextMessage()
  return strict
}

/** Sends the bytes one at a time, each in a packet of its own. */
async function trickle(strict: StrictSocket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    strict.write(Buffer.from([byte]))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The code of the close frame that comes next. */
async function closeCode(strict: StrictSocket): Promise<number> {
  for (;;) {
    const { opcode, payload } = await strict.next()
    if (opcode === opcodes.close) return payload.readUInt16BE(0)
  }
}

const unmasked = Buffer.concat([Buffer.from([0x81, init.length]), Buffer.from(init)])
const ping = maskedFrame(Buffer.from(init))
const lengthOf = (bytes: bigint) => {
  const length = Buffer.alloc(8)
  length.writeBigUInt64BE(bytes)
  return length
}

describe('frames that are none', () => {
  it.each([
    ['unmasked', 1002, unmasked],
    ['with reserved bits', 1002, Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ['of an unknown opcode', 1002, Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['a continuation of nothing', 1002, Buffer.from([0x80, 0x80, 0, 0, 0, 0])],
    ['a ping in pieces', 1002, Buffer.from([0x09, 0x80, 0, 0, 0, 0])],
    ['a ping that is too large', 1002, Buffer.from([0x89, 0xfe, 0, 126])],
    ['a close with half a code', 1002, Buffer.from([0x88, 0x81, 0, 0, 0, 0, 3])],
    ['text that is not UTF-8', 1007, maskedFrame(Buffer.from([0xff, 0xfe]))],
    ['announced as a gibibyte', 1009, Buffer.concat([Buffer.from([0x81, 0xff]), lengthOf(1n << 30n)])],
    ['announced as more than can be counted', 1009, Buffer.concat([Buffer.from([0x81, 0xff]), lengthOf(1n << 62n)])],
    ['a message of too many pieces', 1008, Buffer.concat(Array.from({ length: 1_100 }, (_, n) => piece(n === 0)))],
    ['noise', 1002, Buffer.alloc(100_000, 0x5a)],
  ])('close the socket that sent them and no other: %s', async (_name, code, bytes) => {
    await using server = await openFakeStreams()
    using other = await openStrict(server)
    other.send(subscribe)
    using strict = await openStrict(server)
    strict.send(subscribe)
    await eventually(() => server.streams.length === 2)
    strict.write(bytes)
    expect(await closeCode(strict)).toBe(code)
    await eventually(() => server.streams[1]?.calls.at(-1) === 'end')
    server.streams[0]?.push(textFrame({ n: 1 }))
    expect(await other.nextMessage()).toMatchObject({ payload: { n: 1 } })
    expect(server.logger.lines.filter(({ level }) => level !== 'debug')).toEqual([])
  })
})

/** A piece of a message that goes on. */
function piece(isFirst: boolean): Buffer {
  const frame = maskedFrame(Buffer.from('x'))
  frame[0] = isFirst ? opcodes.text : 0
  return frame
}

describe('a client that sends a byte at a time', () => {
  it('is understood', async () => {
    await using server = await openFakeStreams()
    using strict = await openStrictSocket(server.url)
    await trickle(strict, ping)
    expect(await strict.nextMessage()).toEqual({ type: 'connection_ack' })
  })

  it('may not have the server keep a large message in so many pieces', async () => {
    await using server = await openFakeStreams()
    using strict = await openStrict(server)
    await trickle(strict, maskedFrame(Buffer.alloc(20_000, 'x')))
    expect(await closeCode(strict)).toBe(1008)
  })

  it('and never comes to an end is closed when it has not introduced itself, or answers no ping', async () => {
    await using server = await openFakeStreams({ initWaitMs: 100, keepAliveMs: 200 })
    using late = await openStrictSocket(server.url)
    late.write(ping.subarray(0, 10))
    expect(await closeCode(late)).toBe(4408)
    using strict = await openStrict(server)
    const endless = setInterval(() => strict.write(Buffer.from('x')), 20)
    strict.write(Buffer.from([0x81, 0xff, ...lengthOf(1_000_000n)]))
    await strict.closed
    clearInterval(endless)
  })
})

describe('a socket that opens 10,000 operations', () => {
  it('has as many as are allowed; each other is refused by itself', async () => {
    await using server = await openFakeStreams()
    using strict = await openStrict(server)
    for (let n = 0; n < 10_000; n += 1) strict.send(subscribe.replace('"1"', `"${n}"`))
    for (let n = 100; n < 10_000; n += 1) {
      expect(await strict.nextMessage()).toMatchObject({
        id: String(n),
        type: 'error',
        payload: [{ extensions: { code: 'TOO_MANY_OPERATIONS', limit: 100 } }],
      })
    }
    expect(server.streams).toHaveLength(100)
    for (let n = 0; n < 100; n += 1) strict.send(`{"id":"${n}","type":"complete"}`)
    strict.send('{"type":"ping"}')
    expect(await strict.nextMessage()).toEqual({ type: 'pong' })
    expect(server.streams.every(({ calls }) => calls.at(-1) === 'end')).toBe(true)
  })
})
