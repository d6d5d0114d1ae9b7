import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { fakeFrameStream, textFrame } from '../support/fake-frame-stream.ts'
import { type FrameServer, openFrameServer } from '../support/open-frame-server.ts'
import { openRawHttp, rawPost } from '../support/raw-http.ts'

const accept = 'application/vnd.millrace.poll+json'
const query = 'subscription { counter { n } }'
const request = rawPost({ query }, accept)

function poll(server: FrameServer, extensions: unknown = {}, signal: AbortSignal | null = null): Promise<Response> {
  const body = JSON.stringify({ query, extensions })
  return fetch(server.url, { method: 'POST', headers: { accept, 'content-type': 'application/json' }, body, signal })
}

describe('polls that wait for the same event', () => {
  it('are answered with the same text', async () => {
    await using server = await openFrameServer()
    const polls = [0, 1, 2].map(() => poll(server))
    const frame = textFrame({ data: { n: 1, text: '🦀' } })
    for (const n of [0, 1, 2]) (await server.begun(n)).push(frame)
    const texts = await Promise.all(polls.map(async (answer) => (await answer).text()))
    const item = `{"cursor":"c1.fake.1","payload":${frame.payload}}`
    expect(new Set(texts)).toEqual(new Set([`{"items":[${item}],"cursor":"c1.fake.1","upToDate":true,"closed":false}`]))
    expect(server.streams.map(({ calls }) => calls)).toEqual([0, 1, 2].map(() => ['begin', 'end']))
  })

  it('do not notice when the client of one of them goes', async () => {
    await using server = await openFrameServer()
    const gone = new AbortController()
    const polls = [poll(server, {}, gone.signal), poll(server)]
    const streams = [await server.begun(0), await server.begun(1)]
    gone.abort()
    await expect(polls[0]).rejects.toThrow('aborted')
    await eventually(() => streams.filter(({ calls }) => calls.includes('end')).length === 1)
    for (const stream of streams) stream.push(textFrame({ n: 1 }))
    expect((await polls[1])?.status).toBe(200)
  })
})

describe('a poll', () => {
  it('takes its turn on a connection', async () => {
    await using server = await openFrameServer()
    const raw = await openRawHttp(server.port, request + request)
    ;(await server.begun(1)).push(textFrame({ n: 2 }))
    ;(await server.begun(0)).push(textFrame({ n: 1 }))
    await raw.until('"n":2')
    expect(raw.received.indexOf('"n":1')).toBeLessThan(raw.received.indexOf('"n":2'))
    raw.socket.destroy()
  })

  it('is cut off from a client that does not take the answer', async () => {
    await using server = await openFrameServer({ takeMs: 20 })
    const raw = await openRawHttp(server.port, request, { reads: false })
    ;(await server.begun(0)).push(textFrame({ text: 'x'.repeat(12_000_000) }))
    await eventually(() => server.waitingBytes > 0)
    await eventually(() => server.connections === 0)
    raw.socket.destroy()
  })

  it('that fails on our side before anything came is one to send again', async () => {
    await using server = await openFrameServer()
    const answer = poll(server)
    ;(await server.begun(0)).finish(new Error('secret detail'))
    const response = await answer
    expect([response.status, (await response.text()).includes('secret')]).toEqual([503, false])
  })

  it('to a finished log is closed at once', async () => {
    const stream = fakeFrameStream({ finished: true, cursor: 'c1.fake.9' })
    await using server = await openFrameServer({ outcome: () => ({ type: 'stream', stream }) })
    const response = await poll(server, { poll: { waitMs: 30_000 } })
    expect(await response.text()).toBe('{"items":[],"cursor":"c1.fake.9","upToDate":true,"closed":true}')
    expect(stream.calls).toEqual(['end'])
  })

  it.each([
    [[], 'object'],
    ['now', 'object'],
    [{ waitMs: -1 }, 'waitMs'],
    [{ waitMs: 0.5 }, 'waitMs'],
    [{ waitMs: 1e9 }, 'waitMs'],
    [{ waitMs: null }, 'waitMs'],
    [{ waitMs: true }, 'waitMs'],
    [{ waitMs: [1] }, 'waitMs'],
    [{ max: -1 }, 'max'],
    [{ max: 1_001 }, 'max'],
    [{ max: '10' }, 'max'],
    [{ max: { valueOf: 1 } }, 'max'],
  ])('with %j for `extensions.poll` is told what is wrong, and opens nothing', async (malformed, named) => {
    await using server = await openFrameServer()
    const response = await poll(server, { poll: malformed })
    expect(response.status).toBe(400)
    const { errors } = await response.json()
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' }, message: expect.stringContaining(named) }])
    expect(server.streams).toEqual([])
  })

  it.each([[null], [undefined], [{ unknown: true }]])(
    'with %j for `extensions.poll` waits as long as it is told',
    async (given) => {
      await using server = await openFrameServer()
      const answer = poll(server, { poll: given })
      ;(await server.begun(0)).push(textFrame({ n: 1 }))
      expect((await answer).status).toBe(200)
    },
  )
})
