import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { type Transport, transports } from '../support/clients/open-client.ts'
import { type CuttableProxy, openCuttableProxy } from '../support/cuttable-proxy.ts'
import { eventually } from '../support/eventually.ts'
import type { Credential } from '../support/live-streams.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { openAcknowledged, openRawSocket } from '../support/raw-socket.ts'
import { openRawSse } from '../support/raw-sse.ts'
import { type SignedInUser, signInAt, signUpAt } from '../support/signed-in.ts'

interface Subscribing {
  readonly query: string
  readonly variables?: { readonly id: string }
  readonly extensions?: object
}

const watch = (id: string): Subscribing => ({
  query: 'subscription ($id: ID!) { job(id: $id) { __typename job { state } } }',
  variables: { id },
})

const after = (cursor: string, operation: Subscribing): Subscribing => ({
  ...operation,
  extensions: { resume: { after: cursor } },
})

/** What a server says to a subscription first; `status` and `retryAfter` where it is an answer of HTTP. */
interface Said {
  readonly type?: string
  readonly status?: number
  readonly retryAfter?: string | null
  readonly error: { readonly message: string; readonly extensions: Record<string, unknown> } | null
}

async function askSocket(url: string, credential: Credential, payload: Subscribing): Promise<Said> {
  const raw = await openAcknowledged(url, credential)
  raw.send({ id: '1', type: 'subscribe', payload })
  const said = await raw.next()
  raw.socket.close()
  await raw.closed
  // As the protocol has it: the errors themselves, or a result that may have some.
  const errors = (said.type === 'error' ? said.payload : errorsOf(said.payload)) as readonly Said['error'][] | undefined
  return { type: said.type, error: errors?.[0] ?? null }
}

const askHttp = (accept: string) => async (url: string, credential: Credential, operation: Subscribing) => {
  const stop = new AbortController()
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...credential, 'content-type': 'application/json', accept },
    body: JSON.stringify(operation),
    signal: stop.signal,
  })
  const { status, headers } = response
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = isStream ? await firstData(response) : await response.text()
  stop.abort()
  const error = (errorsOf(JSON.parse(text)) as readonly Said['error'][] | undefined)?.[0] ?? null // errors of GraphQL
  return { status, retryAfter: headers.get('retry-after'), error }
}

async function firstData(response: Response): Promise<string> {
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const data = /^data: (.*)\n\n/m.exec(text)?.[1]
    if (data !== undefined) return data
  }
  return text
}

function errorsOf(result: unknown): unknown {
  return typeof result === 'object' && result !== null && 'errors' in result ? result.errors : undefined
}

const pollType = 'application/vnd.millrace.poll+json'

/** Opens a stream, and leaves it as soon as the server has said something. */
const ask: Readonly<Record<Transport, (url: string, credential: Credential, operation: Subscribing) => Promise<Said>>> =
  { ws: askSocket, sse: askHttp('text/event-stream'), poll: askHttp(pollType) }

/** How a refusal with a time to wait looks over each transport. */
const refused = {
  ws: () => ({ type: 'error' }),
  sse: (seconds: unknown) => ({ status: 429, retryAfter: String(seconds) }),
  poll: (seconds: unknown) => ({ status: 429, retryAfter: String(seconds) }),
} as const satisfies Record<Transport, (seconds: unknown) => Partial<Said>>

interface Holding {
  readonly url: string
  readonly credential: Credential
  readonly operation: Subscribing
  /** Whether the place is taken. */
  readonly isTaken: () => Promise<boolean>
}

/** Opens a stream and keeps it; the result ends it as its client does. */
const hold: Readonly<Record<Transport, (holding: Holding) => Promise<() => void>>> = {
  async ws({ url, credential, operation }) {
    const raw = await openAcknowledged(url, credential)
    raw.send({ id: '1', type: 'subscribe', payload: operation })
    expect(await raw.next()).toMatchObject({ type: 'next', payload: { data: {} } })
    return () => raw.send({ id: '1', type: 'complete' })
  },
  async sse({ url, credential, operation }) {
    const headers = { ...credential, 'content-type': 'application/json' }
    const sse = await openRawSse(url, { method: 'POST', headers, body: JSON.stringify(operation) })
    expect(await sse.nextEvent()).toMatchObject({ data: expect.stringContaining('"data"') })
    return () => sse.close()
  },
  async poll({ url, credential, operation, isTaken }) {
    const headers = { ...credential, 'content-type': 'application/json', accept: pollType }
    const post = (body: object, signal: AbortSignal | null = null) =>
      fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal })
    const first = (await (await post(operation)).json()) as { readonly cursor: string } // what polls answer
    const extensions = { resume: { after: first.cursor }, poll: { waitMs: 30_000 } }
    for (;;) {
      const stop = new AbortController()
      let isAnswered = false
      const waiting = post({ ...operation, extensions }, stop.signal)
      void Promise.allSettled([waiting]).then(() => (isAnswered = true))
      // A poll says nothing when it begins to wait, and who looks takes the only place for a moment: it is left alone for as
      // long as others are served that came after it, and has another try where that was too short.
      for (let round = 0; round < 3; round += 1) await (await post({ query: '{ me { id } }' })).text()
      await eventually(async () => isAnswered || (await isTaken()))
      if (!isAnswered) return () => stop.abort()
    }
  },
}

const resources = new AsyncDisposableStack()
afterAll(() => resources.disposeAsync())

let count = 0

/** Somebody new, with a second session. */
async function newcomer(app: App): Promise<{ readonly user: SignedInUser; readonly second: SignedInUser }> {
  count += 1
  const user = await signUpAt(app.url, `user${count}`)
  return { user, second: await signInAt(app.url, user) }
}

/** A job to which nothing happens while the test runs. */
async function submit(user: SignedInUser): Promise<string> {
  const { computeFibonacci } = await user.request<{ computeFibonacci: { job: { id: string } } }>(
    `mutation {
      computeFibonacci(input: { n: 1 }, options: { delayMs: 3600000 }) {
        ... on ComputeFibonacciAccepted { job { id } }
      }
    }`,
  )
  return computeFibonacci.job.id
}

const cancel = (user: SignedInUser, id: string) =>
  user.request('mutation ($id: ID!) { cancelJob(id: $id) { id } }', { id })

describe.each(transports)('the streams of a user over %s', (transport) => {
  let app: App
  let proxy: CuttableProxy
  const url = () => `${app.url}/graphql`

  beforeAll(async () => {
    app = resources.use(await openTestApp({ streamsPerUser: 1 }))
    proxy = resources.use(await openCuttableProxy(Number(new URL(app.url).port)))
  })

  async function open() {
    const { user, second } = await newcomer(app)
    const job = await submit(user)
    const codeOfOneMore = async () => {
      const { error } = await ask.poll(url(), second.headers, watch(job))
      return error === null ? null : error.extensions['code']
    }
    const holding: Holding = {
      url: `http://localhost:${proxy.port}/graphql`,
      credential: user.headers,
      operation: watch(job),
      isTaken: async () => (await codeOfOneMore()) === 'TOO_MANY_STREAMS',
    }
    return { user, second, job, codeOfOneMore, holding }
  }

  type Opened = Awaited<ReturnType<typeof open>>

  it('are refused when there are as many as are allowed, with the time to wait, and those of others are not', async () => {
    const { second, job, holding } = await open()
    const complete = await hold[transport](holding)
    expect(await ask[transport](url(), second.headers, watch(job))).toEqual({
      ...refused[transport](5),
      error: {
        message: 'You have 1 stream open, which is as many as are allowed; end one first.',
        extensions: { code: 'TOO_MANY_STREAMS', limit: 1, retryAfterSeconds: 5 },
      },
    })
    const { user: other } = await newcomer(app)
    expect(await ask[transport](url(), other.headers, watch(await submit(other)))).toMatchObject({ error: null })
    complete()
  })

  const endings: Readonly<Record<string, (opened: Opened, complete: () => void) => unknown>> = {
    'its client ends it': (_, complete) => complete(),
    'its connection breaks': () => proxy.cut(),
    'its log ends': ({ user, job }) => cancel(user, job),
    'its session is revoked': ({ second }) => second.request('mutation { revokeOtherSessions }'),
  }

  it.each(Object.entries(endings))('have their place back when %s', async (_, end) => {
    const opened = await open()
    const complete = await hold[transport](opened.holding)
    expect(await opened.codeOfOneMore()).toBe('TOO_MANY_STREAMS')
    await end(opened, complete)
    await eventually(async () => (await opened.codeOfOneMore()) === null)
  })

  it('take no place when they are refused, nor when their log is over', async () => {
    const { user, job, codeOfOneMore } = await open()
    const tell = async (operation: Subscribing) => {
      const { error } = await ask[transport](url(), user.headers, operation)
      // Freed before the answer was sent.
      return [error?.extensions['code'], await codeOfOneMore()]
    }
    expect(await tell(watch('job_00000000000000000000000000'))).toEqual(['NOT_FOUND', null])
    expect(await tell(after('nonsense', watch(job)))).toEqual(['CURSOR_INVALID', null])
    await cancel(user, job)
    expect(await tell(watch(job))).toEqual([undefined, null])
  })
})

describe('the streams and sockets of a network', () => {
  let app: App
  const url = () => `${app.url}/graphql`

  beforeAll(async () => {
    app = resources.use(await openTestApp({ streamsPerNetwork: 1 }))
  })

  /** The answer to an upgrade that is refused. */
  async function upgradeAnswer(): Promise<IncomingMessage> {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-protocol': 'graphql-transport-ws',
    }
    const [response] = await once(get(url(), { headers }), 'response')
    return response
  }

  it('are counted whoever they are of', async () => {
    const [{ user }, { user: other }] = [await newcomer(app), await newcomer(app)]
    const raw = await openAcknowledged(url(), user.headers)
    raw.send({ id: '1', type: 'subscribe', payload: watch(await submit(user)) })
    expect(await raw.next()).toMatchObject({ type: 'next', payload: { data: {} } })
    const operation = watch(await submit(other))
    for (const transport of ['sse', 'poll'] as const) {
      expect(await ask[transport](url(), other.headers, operation)).toMatchObject({
        ...refused[transport](5),
        error: {
          message: 'Your network has 1 stream open, which is as many as are allowed; end one first.',
          extensions: { code: 'TOO_MANY_STREAMS' },
        },
      })
    }
    raw.socket.terminate()
    await eventually(async () => (await ask.poll(url(), other.headers, operation)).error === null)
  })

  it('have a socket refused at its upgrade, until another is closed', async () => {
    const raw = await openRawSocket(url())
    const response = await upgradeAnswer()
    expect([response.statusCode, response.headers['retry-after']]).toEqual([429, '5'])
    expect(await json(response)).toMatchObject({
      errors: [
        {
          message: 'Your network has 1 WebSocket open, which is as many as are allowed; end one first.',
          extensions: { code: 'TOO_MANY_STREAMS' },
        },
      ],
    })
    raw.socket.terminate()
    await eventually(() =>
      openRawSocket(url()).then(
        ({ socket }) => {
          socket.terminate()
          return true
        },
        () => false,
      ),
    )
  })
})

describe.each(transports)('who has read too much of the past over %s', (transport) => {
  const listen = {
    query: 'subscription { channel(name: "chat/room") { __typename ... on MessagePublished { message { body } } } }',
  }

  it('is told so, and how long to wait, before the next stream; nobody else is', async () => {
    await using app = await openTestApp({ replayPerMinute: 50_000 })
    const url = `${app.url}/graphql`
    const [{ user, second }, { user: other }] = [await newcomer(app), await newcomer(app)]
    await user.request(`mutation ($body: JSON!) { publishMessage(channel: "chat/room", body: $body) { __typename } }`, {
      body: 'x'.repeat(50_000),
    })
    for (let time = 0; time < 5; time += 1) {
      expect(await ask[transport](url, user.headers, listen)).toMatchObject({ error: null })
    }
    expect(await ask[transport](url, user.headers, after('earliest', listen))).toMatchObject({ error: null })
    const said = await ask[transport](url, second.headers, listen)
    const seconds = said.error?.extensions['retryAfterSeconds']
    expect(seconds).toBeGreaterThan(1)
    expect(seconds).toBeLessThanOrEqual(60)
    const what = 'You have opened as many streams, or had as much of the past sent again, as is allowed'
    expect(said).toEqual({
      ...refused[transport](seconds),
      error: {
        message: `${what}; wait ${String(seconds)} seconds.`,
        extensions: { code: 'RATE_LIMITED', retryAfterSeconds: seconds },
      },
    })
    expect(await ask[transport](url, other.headers, after('earliest', listen))).toMatchObject({ error: null })
  })
})
