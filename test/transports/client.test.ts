import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OperationError } from '../../client/frame.ts'
import { subscribe } from '../../client/subscribe.ts'
import type { App } from '../../src/app.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

let app: App
let ada: SignedInUser

beforeAll(async () => {
  app = await openTestApp()
  ada = await signUpAt(app.url, 'ada')
})

afterAll(() => app[Symbol.asyncDispose]())

interface Network extends AsyncDisposable {
  readonly url: string
  /** Breaks every connection that is open now. */
  cut(): void
}

/** A network in front of the server that breaks connections whose first bytes match. */
async function openNetwork(forbidden: RegExp | null): Promise<Network> {
  const sockets = new Set<Socket>()
  const port = Number(new URL(app.url).port)
  const proxy = createServer((client) => {
    sockets.add(client)
    client.on('error', () => {}).once('close', () => sockets.delete(client))
    client.once('data', (head) => {
      if (forbidden?.test(head.toString('latin1')) === true) return client.destroy()
      const server = connect(port, '127.0.0.1').on('error', () => client.destroy())
      client.once('close', () => server.destroy())
      server.write(head)
      return client.pipe(server).pipe(client)
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  // A TCP server has an address of this form once it listens.
  const { port: own } = proxy.address() as AddressInfo
  const cut = () => sockets.forEach((socket) => socket.destroy())
  return {
    url: `http://127.0.0.1:${own}/graphql`,
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

async function submit(n: number): Promise<string> {
  const { computeFibonacci } = await ada.request<{ computeFibonacci: { job: { id: string } } }>(
    'mutation ($n: Int!) { computeFibonacci(input: { n: $n }) { ... on ComputeFibonacciAccepted { job { id } } } }',
    { n },
  )
  return computeFibonacci.job.id
}

const watch = (id: string) => ({
  query: 'subscription ($id: ID!) { job(id: $id) { __typename job { state } } }',
  variables: { id },
})

const offsetOf = (cursor: string | undefined) => Number.parseInt(cursor?.split('.')[2] ?? '', 36)

describe('the client', () => {
  it.each([
    ['everything through', null, ['ws']],
    ['no WebSocket through', /upgrade: websocket/i, ['ws', 'sse']],
    ['neither WebSocket nor event streams through', /upgrade: websocket|text\/event-stream/i, ['ws', 'sse', 'poll']],
  ] as const)('takes the best transport where the network lets %s', async (_, forbidden, expected) => {
    await using network = await openNetwork(forbidden)
    const tried: string[] = []
    const offsets: number[] = []
    const frames = subscribe({
      url: network.url,
      operation: watch(await submit(25)),
      headers: ada.headers,
      after: 'earliest',
      onConnect: (transport) => tried.push(transport),
    })
    for await (const frame of frames) offsets.push(offsetOf(frame.extensions?.resume?.cursor))
    expect(tried).toEqual(expected)
    expect(offsets).toEqual(offsets.map((_offset, index) => index + 1))
  })

  it('goes on after each of many cuts with a fresh credential, without a hole or a double', async () => {
    await using network = await openNetwork(null)
    const offsets: number[] = []
    let state = ''
    let asked = 0
    const frames = subscribe({
      url: network.url,
      operation: watch(await submit(40)),
      headers: async () => {
        asked += 1
        return ada.headers
      },
      after: 'earliest',
    })
    for await (const frame of frames) {
      offsets.push(offsetOf(frame.extensions?.resume?.cursor))
      // What the operation asks for.
      const event = frame.data?.['job'] as { job: { state: string } } | undefined
      state = event?.job.state ?? ''
      if (offsets.length <= 5) network.cut()
    }
    expect(state).toBe('SUCCEEDED')
    expect(offsets).toEqual(offsets.map((_offset, index) => index + 1))
    expect(asked).toBeGreaterThan(1)
  }, 30_000)

  it.each(['ws', 'sse', 'poll'] as const)(
    'ends with the refusal over %s, and does not try again',
    async (transport) => {
      const tried: string[] = []
      const frames = subscribe({
        url: `${app.url}/graphql`,
        operation: watch('job_01h455vb4pex5vsknk084sn02q'),
        transport,
        headers: ada.headers,
        onConnect: (name) => tried.push(name),
      })
      await expect(Array.fromAsync(frames)).rejects.toMatchObject({ name: 'OperationError', code: 'NOT_FOUND' })
      expect(tried).toEqual([transport])
      expect(new OperationError([]).code).toBeNull()
    },
  )

  it('stops when it is told to', async () => {
    const controller = new AbortController()
    const id = await submit(45)
    const frames = subscribe({
      url: `${app.url}/graphql`,
      operation: watch(id),
      headers: ada.headers,
      signal: controller.signal,
    })
    await frames.next()
    controller.abort()
    await Array.fromAsync(frames).catch(() => undefined)
    expect(await frames.next()).toEqual({ done: true, value: undefined })
    await ada.request('mutation ($id: ID!) { cancelJob(id: $id) { id } }', { id })
  })
})
