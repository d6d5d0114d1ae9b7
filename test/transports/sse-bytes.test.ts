import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { textFrame } from '../support/fake-frame-stream.ts'
import { type FrameServer, openFrameServer } from '../support/open-frame-server.ts'
import { openRawHttp, rawPost, readChunks } from '../support/raw-http.ts'

const accept = 'text/event-stream'
const operation = { query: 'subscription { counter { n } }' }
const watch = rawPost(operation, accept)
const opening = 'retry: 1000\n:\n\n'
const comment = ':\n\n'
const complete = 'event: complete\ndata:\n\n'

const cursor = (n: number) => `c1.fake.${n.toString(36)}`
const frame = (n: number, text = '', last = false) => textFrame({ data: { n, text } }, cursor(n), last)
const block = (n: number, text = '') => `id: ${cursor(n)}\nevent: next\ndata: ${frame(n, text).payload}\n\n`
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)
const isEvent = (chunk: string) => chunk !== comment

/** An answer that has begun. */
async function open(server: FrameServer, request = watch) {
  const raw = await openRawHttp(server.port, request)
  const stream = await server.begun(0)
  await raw.until(opening)
  return { raw, stream }
}

describe('the bytes of an event stream', () => {
  it('are one chunk for each event, whatever it holds', async () => {
    await using server = await openFrameServer()
    const { raw, stream } = await open(server)
    const texts = ['', 'äöü', '🦀👩‍👩‍👧', 'x'.repeat(70_000), '\n\r\n\u2028']
    for (const [at, text] of texts.entries()) {
      stream.push(frame(at, text))
      await raw.until(`"${cursor(at)}"}}}\n\n\r\n`)
    }
    const chunks = [opening, ...texts.map((text, at) => block(at, text))]
    expect(readChunks(raw.received)).toEqual({ chunks, isWhole: false, rest: '' })
    raw.socket.destroy()
  })

  it('keep their order, comments, events and the end, and leave the connection to the next request', async () => {
    await using server = await openFrameServer({ times: { heartbeatMs: 1 } })
    const { raw, stream } = await open(server)
    const beats = () => raw.received.split(`3\r\n${comment}\r\n`).length - 1
    for (const n of numbers(50)) {
      stream.push(frame(2 * n), frame(2 * n + 1, 'x'.repeat(n)))
      await eventually(() => beats() > n)
    }
    stream.push(frame(100), frame(101, '', true))
    await raw.until('\r\n0\r\n\r\n')
    raw.socket.write(watch)
    await server.begun(1)
    await raw.until(`\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n`)
    const { chunks, isWhole, rest } = readChunks(raw.received)
    const events = numbers(50).flatMap((n) => [block(2 * n), block(2 * n + 1, 'x'.repeat(n))])
    const end = [block(100), `id: ${cursor(101)}\nevent: next\ndata: ${frame(101, '', true).payload}\n\n`, complete]
    expect(chunks.filter(isEvent)).toEqual([opening, ...events, ...end])
    expect(chunks.length - chunks.filter(isEvent).length).toBeGreaterThanOrEqual(50)
    expect([isWhole, rest.startsWith('HTTP/1.1 200 OK\r\n')]).toEqual([true, true])
    raw.socket.destroy()
  })

  it('have no chunks for HTTP/1.0, and end with the connection', async () => {
    await using server = await openFrameServer({ times: { heartbeatMs: 1 } })
    const { raw, stream } = await open(server, rawPost(operation, accept, '1.0'))
    for (const n of numbers(10)) {
      stream.push(frame(n, '🦀'))
      await eventually(() => raw.received.endsWith(`\n\n${comment}`))
    }
    stream.finish(null)
    await eventually(() => raw.closed)
    const [head = '', body = ''] = Buffer.from(raw.received, 'latin1').toString('utf8').split('\r\n\r\n')
    expect(head).not.toContain('ransfer-')
    const blocks = body.split(/(?<=\n\n)/).filter(isEvent)
    expect(blocks).toEqual([opening, ...numbers(10).map((n) => block(n, '🦀')), complete])
  })

  it('wait for the answers to earlier requests on the connection, comments and all', async () => {
    await using server = await openFrameServer({ times: { heartbeatMs: 1 } })
    const raw = await openRawHttp(server.port, rawPost(operation, 'application/vnd.millrace.poll+json') + watch)
    const [poll, stream] = [await server.begun(0), await server.begun(1)]
    stream.push(frame(0), frame(1))
    poll.push(frame(7))
    await raw.until(block(1))
    stream.push(frame(2, '', true))
    await raw.until('\r\n0\r\n\r\n')
    const at = raw.received.indexOf('HTTP/1.1 200 OK', 1)
    expect(raw.received.slice(0, at)).toContain('{"items":[{"cursor":"c1.fake.7",')
    const { chunks, isWhole } = readChunks(raw.received.slice(at))
    expect(isWhole).toBe(true)
    const text = chunks.join('').replaceAll(/(?<=\n\n):\n\n/g, '')
    expect(text).toBe(
      [opening, block(0), block(1), block(2).replace(frame(2).payload, frame(2, '', true).payload), complete].join(''),
    )
    raw.socket.destroy()
  })
})

describe('an event stream whose client does not read', () => {
  const kibibyte = 'x'.repeat(1024)

  it('takes no more than the system does and a little, and goes on where it stopped once its client reads', async () => {
    await using server = await openFrameServer()
    const raw = await openRawHttp(server.port, watch, { reads: false })
    const stream = await server.begun(0)
    const all = numbers(12_000).map((n) => frame(n, kibibyte))
    stream.push(...all)
    expect(stream.waiting).toBeGreaterThan(all.length - 20)
    await eventually(() => server.waitingBytes > 16 * 1024)
    expect(server.waitingBytes).toBeLessThan(64 * 1024)
    raw.socket.resume()
    stream.push(frame(12_000, '', true))
    await raw.untilNearEnd('\r\n0\r\n\r\n')
    const ids = readChunks(raw.received).chunks.flatMap((chunk) => /^id: (\S+)/.exec(chunk)?.[1] ?? [])
    expect(ids).toEqual(numbers(12_001).map(cursor))
    raw.socket.destroy()
  })

  it.each([
    ['nothing', () => undefined],
    ['a byte now and then', (read: () => void) => setInterval(read, 10)],
  ])('is cut off when it takes %s for too long', async (_, begin) => {
    await using server = await openFrameServer({ times: { stallMs: 300, heartbeatMs: 100 } })
    const raw = await openRawHttp(server.port, watch, { reads: false })
    const reading = begin(() => void raw.socket.read(1))
    const stream = await server.begun(0)
    stream.push(...numbers(12_000).map((n) => frame(n, kibibyte)))
    await eventually(() => stream.calls.includes('end'))
    await eventually(() => server.waitingBytes === 0)
    clearInterval(reading)
    raw.socket.destroy()
  })
})
