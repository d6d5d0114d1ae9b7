import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { localBus } from '../../src/adapters/local/local-bus.ts'
import { Refusal } from '../../src/core/errors.ts'
import { anonymous, type Principal, scopesOf } from '../../src/core/principal.ts'
import { createReadBudget } from '../../src/services/jobs/read-budget.ts'
import type { Services } from '../../src/resolvers/context.ts'
import { graphqlAnswer } from '../../src/server/graphql/graphql-answer.ts'
import { writeRawAnswer } from '../../src/server/http/raw-answer.ts'
import { createErrorMask } from '../../src/server/graphql/mask-error.ts'
import { createPipeline } from '../../src/server/graphql/pipeline.ts'
import type { OpenContext } from '../../src/server/request-context.ts'
import { createEngine } from '../../src/server/graphql/engine.ts'
import { createOutbox } from '../../src/server/streams/outbox.ts'
import type { StreamDoor, UpgradeDoor } from '../../src/server/streams/handlers.ts'
import { createPollDoor, pollMediaType } from '../../src/server/streams/poll.ts'
import { noStreamLimits } from './no-stream-limits.ts'
import type { WatchCredential } from '../../src/server/streams/watch-credential.ts'
import { createSseDoor } from '../../src/server/streams/sse.ts'
import type { SseTimes } from '../../src/server/streams/sse-response.ts'
import { createTopicSubscriptions } from '../../src/server/streams/subscribe.ts'
import { createWebSocketDoor, type WebSocketLimits } from '../../src/server/streams/ws.ts'
import { createHub } from '../../src/services/streams/hub.ts'
import { publishCommitted } from '../../src/services/streams/live-events.ts'
import type { Hub, TopicStream } from '../../src/services/streams/stream.ts'
import { type CollectingLogger, collectingLogger } from './collecting-logger.ts'
import { countUp, createCounterSchema } from './counter-schema.ts'
import { factsOf } from './door-facts.ts'
import { openTestStore, type TestStore } from './open-test-store.ts'
import { listenLocally } from './serve-locally.ts'

export interface StreamServerOptions {
  readonly times?: Partial<SseTimes>
  readonly limits?: Partial<WebSocketLimits>
}

/** The three transports with the real engine, hub and store on a bare HTTP server, without the rest of the app. */
export interface StreamServer extends AsyncDisposable {
  readonly port: number
  /** Of `/graphql`. */
  readonly url: string
  readonly store: TestStore
  readonly logger: CollectingLogger
  readonly doors: { readonly sse: StreamDoor; readonly poll: StreamDoor; readonly ws: UpgradeDoor }
  /** Ends all streams as a failure of ours does, and has a new hub for those that come back. */
  replaceHub(): Promise<void>
  /** How many streams of topics are open. */
  readonly openStreams: number
  /** How many events were executed, for however many subscribers. */
  readonly executions: number
  /** The tokens of which the sessions are over. */
  readonly revoked: Set<string>
  /** How many credentials are watched: those of sockets, and those of streams. */
  readonly watches: number
  /** Ends a token, and tells all that was opened with it, or what was opened last alone. */
  endCredential(token: string, why: Refusal, told?: 'all' | 'the last'): void
  /** Appends so many events to a topic, each in a transaction of its own. */
  count(topic: string, times: number): Promise<void>
}

export async function openStreamServer(options: StreamServerOptions = {}): Promise<StreamServer> {
  const store = await openTestStore()
  const logger = collectingLogger()
  const bus = localBus(logger)
  store.onCommitted(publishCommitted(bus))
  let hub = createHub({ store, bus, logger })
  const streams = new Set<TopicStream>()
  const counting: Pick<Hub, 'open'> = { open: async (stream) => counted(await hub.open(stream), streams) }
  let executions = 0
  const maskError = createErrorMask(logger)
  const credentials = createCredentialWatch()
  const subscriptions = createTopicSubscriptions({ maskError, watch: credentials.watch, limits: noStreamLimits })
  const getEnveloped = createPipeline({
    schema: createCounterSchema({ store, hub: counting, executing: () => (executions += 1) }),
    plugins: [subscriptions.plugin],
    rules: [],
    maxTokens: 1_000,
    introspection: true,
  })
  const revoked = new Set<string>()
  const transport = {
    engine: createEngine({ getEnveloped, subscriptions, maskError }),
    openContext: contextOpener(revoked, credentials.expired),
    maskError,
    logger,
    outbox: createOutbox(),
  }
  const doors = {
    sse: createSseDoor({ ...transport, ...(options.times && { times: options.times }) }),
    poll: createPollDoor(transport),
    ws: createWebSocketDoor({
      ...transport,
      admitSocket: noStreamLimits.admitSocket,
      ...(options.limits && { limits: options.limits }),
      watch: credentials.watch,
      factsOf,
      isOriginAllowed: ({ headers }) => headers.origin === undefined || headers.origin === 'http://good.example',
    }),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = request.method === 'POST' ? await json(request) : undefined
    const door = request.headers.accept?.includes(pollMediaType) ? doors.poll : doors.sse
    await door.handle({ request, response, facts: factsOf(request), body })
  }

  const server = createServer((request, response) => void answer(request, response))
  server.on('upgrade', (request, socket, head) => {
    doors.ws.upgrade(request, socket, head).catch((error: unknown) => {
      writeRawAnswer(
        socket,
        graphqlAnswer({ errors: [maskError(error, 'request')] }, 'application/graphql-response+json'),
      )
    })
  })
  const local = await listenLocally(server)

  return {
    port: local.port,
    url: `${local.origin}/graphql`,
    store,
    logger,
    doors,
    revoked,
    get watches() {
      return credentials.size
    },
    endCredential(token, why, told = 'all') {
      if (why.code === 'SESSION_REVOKED') revoked.add(token)
      else credentials.expired.add(token)
      credentials.end(token, why, told)
    },
    async replaceHub() {
      await hub[Symbol.asyncDispose]()
      hub = createHub({ store, bus, logger })
    },
    get openStreams() {
      return streams.size
    },
    get executions() {
      return executions
    },
    async count(topic, times) {
      for (let time = 0; time < times; time += 1) await countUp(store, topic)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([doors.ws.close(0), doors.sse.close(0), doors.poll.close(0)])
      await local[Symbol.asyncDispose]()
      await hub[Symbol.asyncDispose]()
      await bus[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

/** The stream, in the set for as long as it is open. */
function counted(stream: TopicStream, open: Set<TopicStream>): TopicStream {
  open.add(stream)
  const { return: end } = stream
  stream.return = () => {
    open.delete(stream)
    return end.call(stream)
  }
  return stream
}

interface Watch {
  readonly token: string
  readonly onEnd: (why: Refusal) => void
}

/** What the accounts tell of credentials, told by the test. */
function createCredentialWatch() {
  const watches = new Set<Watch>()
  const watch: WatchCredential = (principal, onEnd) => {
    if (principal.kind === 'anonymous') return () => undefined
    const one = { token: principal.userId, onEnd }
    watches.add(one)
    return () => void watches.delete(one)
  }
  return {
    watch,
    expired: new Set<string>(),
    get size() {
      return watches.size
    },
    end(token: string, why: Refusal, told: 'all' | 'the last') {
      const ending = [...watches].filter((one) => one.token === token)
      for (const one of told === 'all' ? ending : ending.slice(-1)) if (watches.delete(one)) one.onEnd(why)
    },
  }
}

/** Tokens that start with `user` are valid unless they are revoked or have expired. */
function contextOpener(revoked: ReadonlySet<string>, expired: ReadonlySet<string>): OpenContext {
  return async ({ credentials, ...facts }) => {
    const token = credentials.apiKey ?? credentials.bearer ?? credentials.sessionCookie
    if (token !== null && revoked.has(token)) throw new Refusal('SESSION_REVOKED', 'This session is over.')
    if (token !== null && (!token.startsWith('user') || expired.has(token)))
      throw new Refusal('UNAUTHENTICATED', 'This token is not valid.')
    // The schema of the tests asks no service.
    const services = {} as Services
    return {
      ...facts,
      principal: token === null ? anonymous : principalNamed(token),
      services,
      readBudget: createReadBudget(),
      publicUrl: '',
    }
  }
}

function principalNamed(userId: string): Principal {
  return {
    kind: 'user',
    userId,
    scopes: scopesOf(['user']),
    roles: ['user'],
    assurance: 1,
    authenticatedAt: 0,
    sessionId: null,
    generation: null,
    keyId: null,
    expiresAt: null,
    mustEnrol: false,
  }
}
