import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createOutbox } from '../../../../src/server/streams/outbox.ts'
import type { PulseMember } from '../../../../src/server/streams/pulse.ts'
import { SseResponse } from '../../../../src/server/streams/sse-response.ts'
import { textFrame } from '../../../support/fake-frame-stream.ts'

const times = { heartbeatMs: 12_000, stallMs: 30_000, retryMs: 1_000 }
const kibibytes = (count: number) => textFrame({ text: 'x'.repeat(count * 1024) })
/** Ends the present piece of work, and the turn with it. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A connection that hands nothing to the system until it is told. */
class HeldSocket extends Socket {
  readonly writes: string[] = []
  #take: (() => void) | null = null
  isOpen = true

  override _write(chunk: Buffer | string, _: BufferEncoding, done: () => void): void {
    this.#written(chunk.toString('latin1' as BufferEncoding), done)
  }

  override _writev(chunks: { chunk: Buffer | string }[], done: () => void): void {
    this.#written(chunks.map(({ chunk }) => chunk.toString('latin1' as BufferEncoding)).join(''), done)
  }

  /** The client takes what was written. */
  async readAll(): Promise<void> {
    const taken = this.#take
    this.#take = null
    taken?.()
    await turn()
  }

  #written(text: string, done: () => void): void {
    if (text !== '') this.writes.push(text)
    if (this.isOpen || text === '') done()
    else this.#take = done
  }
}

/** An answer on such a connection, with a pulse that the test beats. */
async function open() {
  const socket = new HeldSocket()
  const request = new IncomingMessage(socket)
  Object.assign(request, { httpVersionMajor: 1, httpVersionMinor: 1, httpVersion: '1.1' })
  const response = new ServerResponse(request)
  response.assignSocket(socket)
  const calls: string[] = []
  const expected: number[] = []
  let member: PulseMember | null = null
  const pulse = {
    join: (joined: PulseMember) => {
      member = joined
    },
    expect: (_: PulseMember, withinMs: number) => void expected.push(withinMs),
    met: () => void expected.pop(),
    leave: () => {
      member = null
    },
  }
  const source = { writable: () => void calls.push('writable'), closed: () => void calls.push('closed') }
  const sse = new SseResponse(response, { outbox: createOutbox(), pulse, times }, source)
  await turn()
  return {
    sse,
    socket,
    calls,
    expected,
    get member() {
      return member
    },
  }
}

/** The same, of which the client has taken nothing but the head. */
async function openHeld() {
  const opened = await open()
  opened.socket.isOpen = false
  opened.socket.writes.length = 0
  return opened
}

describe('an answer of server-sent events', () => {
  it('writes once for each piece of work, the head with the first', async () => {
    const { socket, sse } = await open()
    expect(socket.writes).toEqual([
      expect.stringMatching(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nf\r\nretry: 1000\n:\n\n\r\n$/),
    ])
    for (let n = 0; n < 4; n += 1) sse.send(textFrame({ n }))
    await turn()
    expect(socket.writes).toHaveLength(2)
    sse.send(textFrame({ n: 4 }))
    sse.end('event: complete\ndata:\n\n')
    await turn()
    expect(socket.writes).toHaveLength(3)
    expect(socket.writes[2]).toMatch(/"n":4[^]*event: complete\ndata:\n\n\r\n0\r\n\r\n$/)
  })

  it('takes nothing while more than 16 KiB wait, and asks for more once they were taken', async () => {
    const { sse, socket, calls } = await openHeld()
    sse.send(kibibytes(10))
    expect(sse.isWritable).toBe(true)
    sse.send(kibibytes(10))
    expect(sse.isWritable).toBe(false)
    await turn()
    expect([sse.isWritable, calls]).toEqual([false, []])
    await socket.readAll()
    expect([sse.isWritable, calls]).toEqual([true, ['writable']])
  })

  it('asks for more, too, where the system takes all at once', async () => {
    const { sse, calls } = await open()
    sse.send(kibibytes(20))
    expect(sse.isWritable).toBe(false)
    await turn()
    await turn()
    expect([sse.isWritable, calls]).toEqual([true, ['writable']])
  })

  it('counts what waits in the system, not what was gathered alone', async () => {
    const { sse, socket, calls } = await openHeld()
    sse.send(kibibytes(12))
    await turn()
    expect(sse.isWritable).toBe(true)
    sse.send(kibibytes(12))
    expect(sse.isWritable).toBe(false)
    await turn()
    await socket.readAll()
    expect(calls).toEqual([])
    await socket.readAll()
    expect([sse.isWritable, calls]).toEqual([true, ['writable']])
  })

  it('gives the system much in parts, and begins to wait anew with each that is taken', async () => {
    const { sse, socket, expected } = await openHeld()
    const large = kibibytes(200)
    sse.send(large)
    await turn()
    const waits: number[] = []
    for (let parts = 1; parts <= 4; parts += 1) {
      expect(socket.writes).toHaveLength(parts)
      waits.push(...expected)
      await socket.readAll()
    }
    expect(waits).toEqual([30_000, 30_000, 30_000])
    expect(expected).toEqual([])
    expect(socket.writes.map((text) => text.length)).toEqual([65_536, 65_536, 65_536, expect.any(Number)])
    expect(socket.writes.join('')).toContain(large.payload)
  })

  it('ends after all that was sent, however slowly it is taken', async () => {
    const { sse, socket, expected } = await openHeld()
    sse.send(kibibytes(100))
    sse.end('event: complete\ndata:\n\n')
    sse.send(textFrame({ late: true }))
    await turn()
    expect(socket.writes).toHaveLength(1)
    await socket.readAll()
    expect(expected.at(-1)).toBe(30_000)
    expect(socket.writes).toHaveLength(2)
    expect(socket.writes[1]?.slice(-60)).toMatch(/}}\n\n\r\n17\r\nevent: complete\ndata:\n\n\r\n0\r\n\r\n$/)
  })

  it('sends a comment at each beat, but to a client that has not taken what was sent: it is waited for', async () => {
    const { sse, socket, expected, member, calls } = await openHeld()
    member?.beat()
    await turn()
    expect(socket.writes).toEqual(['3\r\n:\n\n\r\n'])
    member?.beat()
    await turn()
    expect([sse.isWritable, expected]).toEqual([false, [30_000]])
    member?.beat()
    await socket.readAll()
    expect([sse.isWritable, expected, calls]).toEqual([true, [], ['writable']])
    expect(socket.writes).toHaveLength(1)
  })

  it.each([
    ['that stopped reading', (sse: SseResponse) => sse.send(kibibytes(20)), 30_000],
    ['that does not take the end', (sse: SseResponse) => sse.end('event: complete\ndata:\n\n'), 30_000],
    ['that has no valid credential any more', (sse: SseResponse) => sse.leave('event: complete\ndata:\n\n'), 250],
  ])('is cut off from a client %s', async (_, act, withinMs) => {
    const opened = await openHeld()
    act(opened.sse)
    await turn()
    expect(opened.expected.at(-1)).toBe(withinMs)
    opened.member?.late()
    await turn()
    expect([opened.socket.destroyed, opened.calls, opened.member]).toEqual([true, ['closed'], null])
  })

  it('gives who has no valid credential any more no longer for what waited before', async () => {
    const { sse, socket, expected } = await openHeld()
    sse.send(kibibytes(200))
    await turn()
    sse.leave('event: complete\ndata:\n\n')
    await turn()
    await socket.readAll()
    await socket.readAll()
    expect(expected.slice(1)).toEqual([250])
  })

  it('does nothing any more once its client has gone', async () => {
    const { sse, socket, calls } = await open()
    socket.destroy()
    await turn()
    sse.send(kibibytes(20))
    sse.end('')
    await turn()
    expect([calls, socket.writes.length, sse.isWritable]).toEqual([['closed'], 1, false])
  })
})
