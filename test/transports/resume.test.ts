import { describe, expect, it } from 'vitest'
import { openClient, transports } from '../support/clients/open-client.ts'
import { allAnswers, type Answer, takeAnswers } from '../support/clients/stream-client.ts'
import { countUp } from '../support/counter-schema.ts'
import { openCuttableProxy } from '../support/cuttable-proxy.ts'
import { openStreamServer } from '../support/open-stream-server.ts'
import { eventually } from '../support/eventually.ts'

const watchCounter = (topic: string) => ({
  query: 'subscription ($topic: String!) { counter(topic: $topic) { n snapshot text } }',
  variables: { topic },
})

interface Count {
  readonly n: number
  readonly snapshot: boolean
  readonly text: string | null
}

/** What the operation above asks for. */
const countOf = (answer: Answer | undefined) => answer?.data?.['counter'] as Count | undefined
const numbers = (answers: readonly Answer[]) => answers.map((answer) => countOf(answer)?.n)
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index)
const codes = (answers: readonly Answer[]) => answers.map(({ errors }) => errors?.[0]?.extensions?.['code'])

describe.each(transports)('over %s, a subscription', (transport) => {
  it('opens with the present state and a cursor, and goes on live', async () => {
    await using server = await openStreamServer()
    await using client = openClient[transport](server)
    await server.count('c', 2)
    const watch = client.watch(watchCounter('c'))
    const [first] = await takeAnswers(watch, 1)
    expect(countOf(first)).toMatchObject({ n: 2, snapshot: true })
    expect(first?.extensions?.resume).toMatchObject({ status: 'fresh', gap: false, replayed: 0 })
    await server.count('c', 3)
    const next = await takeAnswers(watch, 3)
    expect(numbers(next)).toEqual([3, 4, 5])
    expect(watch.cursor).toBe(next[2]?.extensions?.resume?.cursor)
    await watch.return()
    await eventually(() => server.openStreams === 0)
  })

  it('gets each event once and in order although the connection breaks again and again', async () => {
    await using server = await openStreamServer()
    await using proxy = await openCuttableProxy(server.port)
    await using client = openClient[transport]({ url: `http://127.0.0.1:${proxy.port}/graphql` })
    const watch = client.watch(watchCounter('c'), { after: 'earliest', onGap: 'error' })
    const publishing = (async () => {
      for (let round = 1; round <= 8; round += 1) {
        await server.count('c', 10)
        proxy.cut()
      }
      await countUp(server.store, 'c', { last: true })
    })()
    expect(numbers(await takeAnswers(watch, 81))).toEqual(upTo(81))
    await publishing
    expect(await allAnswers(watch)).toEqual([])
    await eventually(() => server.openStreams === 0)
  })

  it('gets a replay of a long log without a hole', async () => {
    await using server = await openStreamServer()
    await using client = openClient[transport](server)
    await server.count('c', 700)
    const watch = client.watch(watchCounter('c'), { after: 'earliest' })
    const answers = await takeAnswers(watch, 700)
    expect(numbers(answers)).toEqual(upTo(700))
    expect(answers[0]?.extensions?.resume).toMatchObject({ status: 'recovered', gap: false, replayed: 700 })
    const told = answers.filter(({ extensions }) => extensions?.resume?.status !== undefined)
    // A poll is a stream of its own each time.
    expect(told.length).toBe(transport === 'poll' ? 700 / 50 : 1)
  })

  it('ends after the last event of a log, and a resume at its end gives nothing', async () => {
    await using server = await openStreamServer()
    await using client = openClient[transport](server)
    await server.count('c', 1)
    await countUp(server.store, 'c', { last: true })
    const watch = client.watch(watchCounter('c'), { after: 'earliest' })
    expect(numbers(await allAnswers(watch))).toEqual([1, 2])
    expect(await allAnswers(client.watch(watchCounter('c'), { after: watch.cursor }))).toEqual([])
    const [fresh, ...more] = await allAnswers(client.watch(watchCounter('c')))
    expect([countOf(fresh)?.snapshot, more]).toEqual([true, []])
    await eventually(() => server.openStreams === 0)
  })

  it('with a cursor that cannot be honoured opens with the present state and says that events are missing', async () => {
    await using server = await openStreamServer()
    await using client = openClient[transport](server)
    await server.count('c', 5)
    const [first] = await takeAnswers(client.watch(watchCounter('c')), 1)
    const after = first?.extensions?.resume?.cursor ?? ''
    await server.count('c', 5)
    await server.store.write(({ log }) => log.trim('c', 8))
    const watch = client.watch(watchCounter('c'), { after })
    const [gap] = await takeAnswers(watch, 1)
    expect(countOf(gap)).toMatchObject({ n: 10, snapshot: true })
    expect(gap?.extensions?.resume).toMatchObject({ status: 'snapshot', gap: true, replayed: 0 })
    await server.count('c', 1)
    expect(numbers(await takeAnswers(watch, 1))).toEqual([11])
    const refused = await allAnswers(client.watch(watchCounter('c'), { after, onGap: 'error' }))
    expect(codes(refused)).toEqual(['CURSOR_EXPIRED'])
  })

  it('is refused with a code for a cursor that is none, a topic that is not there, and a field that is not allowed', async () => {
    await using server = await openStreamServer()
    await using client = openClient[transport](server)
    const cursor = 'c1.AAAAAAAAAAAA.1'
    const refused = await Promise.all([
      allAnswers(client.watch(watchCounter('c'), { after: 'c1.nonsense' })),
      allAnswers(client.watch(watchCounter('c'), { after: cursor, onGap: 'error' })),
      allAnswers(client.watch(watchCounter('x'))),
      allAnswers(client.watch({ query: 'subscription { secret { n } }' })),
      allAnswers(client.watch({ query: 'subscription { broken { n } }' })),
    ])
    expect(refused.map(codes)).toEqual([
      ['CURSOR_INVALID'],
      ['CURSOR_EPOCH'],
      ['NOT_FOUND'],
      ['UNAUTHENTICATED'],
      ['INTERNAL'],
    ])
    expect(JSON.stringify(refused)).not.toContain('secret detail')
    expect(server.openStreams).toBe(0)
  })

  it('masks the error of an event, and goes on', async () => {
    await using server = await openStreamServer()
    await using client = openClient[transport](server)
    await server.count('c', 14)
    const query = 'subscription { counter(topic: "c") { n unlucky } }'
    const answers = await takeAnswers(client.watch({ query }, { after: 'earliest' }), 14)
    expect(numbers(answers)).toEqual(upTo(14))
    expect(codes(answers)).toEqual([...Array(12).fill(undefined), 'INTERNAL', undefined])
    expect(JSON.stringify(answers)).not.toContain('secret detail')
  })

  it('carries large texts of every plane', async () => {
    await using server = await openStreamServer()
    await using client = openClient[transport](server)
    const text = '🌊 \u2028 \r\n\u0000 "ä" '.repeat(7_000)
    await countUp(server.store, 'c', { text })
    const [answer] = await takeAnswers(client.watch(watchCounter('c'), { after: 'earliest' }), 1)
    expect(countOf(answer)?.text).toBe(text)
  })
})

describe.each(transports)('over %s', (transport) => {
  it('queries and mutations work, as whom the credential shows', async () => {
    await using server = await openStreamServer()
    await using client = openClient[transport]({ ...server, token: 'user-1' })
    expect(await client.request({ query: '{ hello whoAmI }' })).toEqual({ data: { hello: 'world', whoAmI: 'user-1' } })
    expect(await client.request({ query: 'mutation { count(topic: "c") }' })).toEqual({ data: { count: 1 } })
    const failed = await client.request({ query: '{ hello fail }' })
    expect(failed).toMatchObject({ data: { hello: 'world', fail: null } })
    expect(codes([failed])).toEqual(['INTERNAL'])
    expect(codes([await client.request({ query: '{ nothing }' })])).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(codes([await client.request({ query: '{' })])).toEqual(['GRAPHQL_PARSE_FAILED'])
  })
})

describe('a subscriber that changes its transport in mid-stream', () => {
  it('gets each event once and in order, with the cursor of one on the next', async () => {
    await using server = await openStreamServer()
    const seen: unknown[] = []
    let after: string | null = 'earliest'
    for (const transport of [...transports, ...transports.toReversed(), ...transports]) {
      await using client = openClient[transport](server)
      await server.count('c', 3)
      const watch = client.watch(watchCounter('c'), { after, onGap: 'error' })
      const replayed = await takeAnswers(watch, 3)
      await server.count('c', 2)
      const live = await takeAnswers(watch, 2)
      seen.push(...numbers(replayed), ...numbers(live))
      after = watch.cursor
      await watch.return()
    }
    expect(seen).toEqual(upTo(45))
  })

  it('misses nothing when it opens the next before it closes the last', async () => {
    await using server = await openStreamServer()
    await using ws = openClient.ws(server)
    await using sse = openClient.sse(server)
    const first = ws.watch(watchCounter('c'), { after: 'earliest' })
    await server.count('c', 5)
    await takeAnswers(first, 5)
    const second = sse.watch(watchCounter('c'), { after: first.cursor })
    await server.count('c', 5)
    expect(numbers(await takeAnswers(second, 5))).toEqual(upTo(10, 6))
    expect(numbers(await takeAnswers(first, 5))).toEqual(upTo(10, 6))
  })
})

describe('a stream that fails on our side in its middle', () => {
  it.each(transports)('breaks off over %s, and its client comes back for the rest', async (transport) => {
    await using server = await openStreamServer()
    await using client = openClient[transport](server)
    await server.count('c', 3)
    const watch = client.watch(watchCounter('c'), { after: 'earliest', onGap: 'error' })
    await takeAnswers(watch, 3)
    await server.replaceHub()
    await server.count('c', 1)
    expect(numbers(await takeAnswers(watch, 1))).toEqual([4])
  })
})

describe.each(['ws', 'sse'] as const)('over %s, a reader that stalls', (transport) => {
  it('is told when the log has forgotten what it missed', async () => {
    await using server = await openStreamServer()
    await using proxy = await openCuttableProxy(server.port)
    await using client = openClient[transport]({ url: `http://127.0.0.1:${proxy.port}/graphql` })
    const watch = client.watch(watchCounter('c'), { onGap: 'error' })
    await takeAnswers(watch, 1)
    proxy.stall()
    const text = 'x'.repeat(20_000)
    for (let n = 1; n <= 500; n += 1) await countUp(server.store, 'c', { text })
    await server.store.write(({ log }) => log.trim('c', 500))
    proxy.resume()
    const answers = await allAnswers(watch)
    const events = answers.slice(0, -1)
    expect(numbers(events)).toEqual(upTo(events.length))
    expect(events.length).toBeLessThan(500)
    expect(codes(answers.slice(-1))).toEqual(['CURSOR_EXPIRED'])
  })

  it('gets everything once it reads again, and holds nobody up', async () => {
    await using server = await openStreamServer()
    await using proxy = await openCuttableProxy(server.port)
    await using slow = openClient[transport]({ url: `http://127.0.0.1:${proxy.port}/graphql` })
    await using quick = openClient[transport](server)
    const [slowWatch, quickWatch] = [slow, quick].map((client) => client.watch(watchCounter('c'), { onGap: 'error' }))
    if (slowWatch === undefined || quickWatch === undefined) throw new Error('two watches were opened')
    await takeAnswers(slowWatch, 1)
    await takeAnswers(quickWatch, 1)
    proxy.stall()
    const text = 'x'.repeat(20_000)
    for (let n = 1; n <= 500; n += 1) await countUp(server.store, 'c', { text })
    expect(numbers(await takeAnswers(quickWatch, 500))).toEqual(upTo(500))
    proxy.resume()
    expect(numbers(await takeAnswers(slowWatch, 500))).toEqual(upTo(500))
  })
})
