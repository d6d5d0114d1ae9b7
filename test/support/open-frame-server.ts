import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { json } from 'node:stream/consumers'
import { anonymous } from '../../src/core/principal.ts'
import type { Services } from '../../src/resolvers/context.ts'
import { createErrorMask } from '../../src/server/graphql/mask-error.ts'
import type { OperationOutcome } from '../../src/server/operation.ts'
import type { TransportOptions } from '../../src/server/streams/handlers.ts'
import { createOutbox } from '../../src/server/streams/outbox.ts'
import { createPollDoor, pollMediaType } from '../../src/server/streams/poll.ts'
import { createSseDoor } from '../../src/server/streams/sse.ts'
import type { SseTimes } from '../../src/server/streams/sse-response.ts'
import { createReadBudget } from '../../src/services/jobs/read-budget.ts'
import { type CollectingLogger, collectingLogger } from './collecting-logger.ts'
import { factsOf } from './door-facts.ts'
import { eventually } from './eventually.ts'
import { type FakeFrameStream, fakeFrameStream } from './fake-frame-stream.ts'
import { listenLocally } from './serve-locally.ts'

/** The doors of event streams and polls on a bare HTTP server, over streams that the test drives by hand. */
export interface FrameServer extends AsyncDisposable {
  readonly port: number
  /** Of `/graphql`. */
  readonly url: string
  readonly logger: CollectingLogger
  /** The streams that were opened, in order. */
  readonly streams: readonly FakeFrameStream[]
  /** The stream of that number, counted from 0, once it has begun. */
  begun(number: number): Promise<FakeFrameStream>
  /** How many clients are connected. */
  readonly connections: number
  /** How many bytes the process holds for clients that do not take them. */
  readonly waitingBytes: number
  /** Stops the doors. */
  close(drainMs: number): Promise<void>
}

export interface FrameServerOptions {
  readonly times?: Partial<SseTimes>
  /** Of polls. */
  readonly takeMs?: number
  /** What comes of the next operation; a new stream unless told. */
  readonly outcome?: () => OperationOutcome
}

export async function openFrameServer({ times, takeMs, outcome }: FrameServerOptions = {}): Promise<FrameServer> {
  const logger = collectingLogger()
  const streams: FakeFrameStream[] = []
  const openOutcome = (): OperationOutcome => {
    const given = outcome?.()
    if (given !== undefined) return given
    const stream = fakeFrameStream()
    streams.push(stream)
    return { type: 'stream', stream }
  }
  const options: TransportOptions = {
    engine: { run: async () => openOutcome() },
    openContext: async ({ credentials: _, ...facts }) => ({
      ...facts,
      principal: anonymous,
      services: {} as Services, // nothing asks for one
      readBudget: createReadBudget(),
      publicUrl: '',
    }),
    maskError: createErrorMask(logger),
    logger,
    outbox: createOutbox(),
  }
  const doors = {
    sse: createSseDoor({ ...options, ...(times && { times }) }),
    poll: createPollDoor({ ...options, ...(takeMs !== undefined && { takeMs }) }),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = request.method === 'POST' ? await json(request) : undefined
    const door = request.headers.accept === pollMediaType ? doors.poll : doors.sse
    await door.handle({ request, response, facts: factsOf(request), body })
  }

  const server = createServer((request, response) => void answer(request, response))
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const local = await listenLocally(server)
  const close = async (drainMs: number) => {
    await Promise.all([doors.sse.close(drainMs), doors.poll.close(drainMs)])
  }

  return {
    port: local.port,
    url: `${local.origin}/graphql`,
    logger,
    streams,
    async begun(number) {
      await eventually(() => streams[number]?.calls.includes('begin') === true)
      const stream = streams[number]
      if (stream === undefined) throw new TypeError('A stream that has begun is there.')
      return stream
    },
    get connections() {
      return sockets.size
    },
    get waitingBytes() {
      return [...sockets].reduce((sum, { writableLength }) => sum + writableLength, 0)
    },
    close,
    async [Symbol.asyncDispose]() {
      await close(0)
      await local[Symbol.asyncDispose]()
    },
  }
}
