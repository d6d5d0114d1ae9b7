import { describe, expect, it } from 'vitest'
import type { Frame } from '../../client/frame.ts'
import { subscribe, type TransportName, transports } from '../../client/subscribe.ts'
import { eventually } from '../support/eventually.ts'
import { openStreamServer, type StreamServer } from '../support/open-stream-server.ts'
import { type Network, openNetwork, type Passage } from './client-network.ts'

const operation = { query: 'subscription { counter(topic: "c") { n } }' }
// The keys are the names.
const names = Object.keys(transports) as TransportName[]

/** As patient as a test, which waits for signals and not for the clock. */
const quick = { openMs: 400, settleMs: 50, probeMs: 100, longestProbeMs: 400 }

const numberOf = (frame: Frame | void) => (frame?.data?.['counter'] as { n: number } | undefined)?.n

interface Watched {
  readonly seen: unknown[]
  readonly used: TransportName[]
  end: unknown
}

/** Reads until so many events have been seen. */
function watch(network: Network, upTo: number): Watched {
  const watched: Watched = { seen: [], used: [], end: null }
  const frames = subscribe({
    url: network.url,
    operation,
    after: 'earliest',
    times: quick,
    onConnect: (name) => void watched.used.push(name),
  })
  void (async () => {
    try {
      for await (const frame of frames) {
        watched.seen.push(numberOf(frame))
        if (watched.seen.length >= upTo) break
      }
      watched.end = 'enough'
    } catch (error) {
      watched.end = error
    }
  })()
  return watched
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

async function withNetwork(test: (server: StreamServer, network: Network) => Promise<void>): Promise<void> {
  await using server = await openStreamServer()
  await using network = await openNetwork(server.port)
  await test(server, network)
  // Nothing that the client had is left, on either side.
  await eventually(() => network.connections === 0 || server.openStreams === 0)
  await eventually(() => server.openStreams === 0)
}

describe('the client in a network', () => {
  it.each<[Passage, Passage, TransportName]>([
    ['held', 'open', 'sse'],
    ['held', 'held', 'poll'],
    ['refused', 'held', 'poll'],
    ['answered by a proxy', 'answered by a proxy', 'poll'],
  ])('where WebSockets are %s and event streams are %s goes on over %s', async (ws, sse, expected) => {
    await withNetwork(async (server, network) => {
      Object.assign(network.passage, { ws, sse })
      await server.count('c', 3)
      const watched = watch(network, 5)
      await eventually(() => watched.seen.length === 3)
      await server.count('c', 2)
      await eventually(() => watched.end !== null)
      expect([watched.seen, watched.end]).toEqual([upTo(5), 'enough'])
      expect(watched.used.at(-1)).toBe(expected)
    })
  })

  it('changes its transport in the middle of the stream again and again, and loses nothing', async () => {
    await withNetwork(async (server, network) => {
      const total = 120
      Object.assign(network.passage, { ws: 'refused', sse: 'refused' })
      const watched = watch(network, total)
      let said = 0
      const uses = (count: number, name: TransportName) =>
        eventually(async () => {
          // One after the other, or all of them were said before the first connection is up.
          if (said === watched.seen.length && said < total - 40) {
            said += 1
            await server.count('c', 1)
          }
          return watched.used.filter((one) => one === name).length >= count
        }, 20_000)
      await uses(1, 'poll')
      network.passage.sse = 'open'
      await uses(2, 'sse')
      network.passage.ws = 'open'
      await uses(2, 'ws')
      network.passage.ws = 'refused'
      network.cut()
      await uses(3, 'sse')
      network.passage.ws = 'open'
      await uses(3, 'ws')
      while (((await server.store.read(({ log }) => log.head('c'))).offset ?? 0) < total) await server.count('c', 1)
      await eventually(() => watched.end !== null)
      expect([watched.seen, watched.end]).toEqual([upTo(total), 'enough'])
    })
  }, 120_000)
})

describe.each(names)('the client over %s', (transport) => {
  it('leaves no socket when it is stopped, whether it opens, waits or reads', async () => {
    await using server = await openStreamServer()
    await using network = await openNetwork(server.port)
    for (const moment of ['opens', 'held', 'waits', 'reads']) {
      network.passage[transport] = moment === 'held' ? 'held' : 'open'
      for (const how of ['abort', 'return', 'break'] as const) {
        const stop = new AbortController()
        const frames = subscribe({ url: network.url, operation, transport, signal: stop.signal, times: quick })
        const first = frames.next()
        if (moment === 'held') await eventually(() => network.connections > 0)
        if (moment === 'waits' || moment === 'reads') await first
        const second = frames.next()
        if (moment === 'reads') {
          await server.count('c', 1)
          await second
        }
        if (how === 'abort') stop.abort(new Error('stop'))
        else await frames.return()
        const ended = await Promise.allSettled([first, second])
        const expected = how === 'abort' && moment !== 'reads' ? { status: 'rejected', reason: stop.signal.reason } : {}
        expect(ended.find(({ status }) => status === 'rejected') ?? {}).toEqual(expected)
        expect(await frames.next().catch(() => frames.next())).toEqual({ done: true, value: undefined })
        await eventually(() => server.openStreams === 0)
      }
    }
    // What is kept to be used again carries nothing.
    if (transport === 'ws') await eventually(() => network.connections === 0)
  })

  it('ends with the code of the gap when it is asked to', async () => {
    await using server = await openStreamServer()
    await server.count('c', 2)
    const frames = subscribe({ url: server.url, operation, transport, after: 'c1.anotherepoch.5', onGap: 'error' })
    await expect(frames.next()).rejects.toMatchObject({ name: 'OperationError', code: 'CURSOR_EPOCH' })
  })

  it('passes a gap on with the present state, and goes on', async () => {
    await using server = await openStreamServer()
    await server.count('c', 2)
    const frames = subscribe({ url: server.url, operation, transport, after: 'c1.anotherepoch.5' })
    const { value } = await frames.next()
    expect(value?.extensions?.resume).toMatchObject({ status: 'snapshot', gap: true })
    await server.count('c', 1)
    expect(numberOf((await frames.next()).value)).toBe(3)
    await frames.return()
  })

  it('holds no more frames than it may for a user who takes none, and misses none of them', async () => {
    await using server = await openStreamServer()
    await using network = await openNetwork(server.port)
    await server.count('c', 300)
    let connects = 0
    const frames = subscribe({
      url: network.url,
      operation,
      transport,
      after: 'earliest',
      maxWaiting: 20,
      onConnect: () => (connects += 1),
    })
    const seen = [numberOf((await frames.next()).value)]
    await eventually(() => server.openStreams === 0)
    expect(connects).toBe(1)
    while (seen.length < 300) seen.push(numberOf((await frames.next()).value))
    expect(seen).toEqual(upTo(300))
    await frames.return()
  })
})
