import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Refusal } from '../../src/core/errors.ts'
import { anonymous } from '../../src/core/principal.ts'
import { createErrorMask } from '../../src/server/graphql/mask-error.ts'
import type { ObservedContext, OperationOutcome } from '../../src/server/operation.ts'
import { createOutbox } from '../../src/server/streams/outbox.ts'
import type { StreamLimits } from '../../src/server/streams/stream-limits.ts'
import { createWebSocketDoor, type WebSocketLimits } from '../../src/server/streams/ws.ts'
import { type CollectingLogger, collectingLogger } from './collecting-logger.ts'
import { factsOf } from './door-facts.ts'
import { type FakeFrameStream, fakeFrameStream } from './fake-frame-stream.ts'
import { listenLocally } from './serve-locally.ts'
import { noStreamLimits } from './no-stream-limits.ts'

/** The WebSocket door alone, with an engine of streams that the test drives by hand. */
export interface FakeStreams extends AsyncDisposable {
  /** Of `/graphql`. */
  readonly url: string
  readonly port: number
  readonly logger: CollectingLogger
  /** The streams that were opened, in order. */
  readonly streams: readonly FakeFrameStream[]
  /** The server's ends of the connections, in order. */
  readonly sockets: readonly Duplex[]
  /** Ends the credential of all sockets. */
  endCredential(why: Refusal): void
  /** Has the door take no more sockets, and close those that are open. */
  closeDoor(): Promise<void>
  /** What an operation answers instead of a stream, by its text. */
  answerWith(query: string, outcome: () => Promise<OperationOutcome>): void
}

export async function openFakeStreams(
  limits: Partial<WebSocketLimits> = {},
  { admitSocket }: Pick<StreamLimits, 'admitSocket'> = noStreamLimits,
): Promise<FakeStreams> {
  const logger = collectingLogger()
  const streams: FakeFrameStream[] = []
  const sockets: Duplex[] = []
  const watches = new Set<(why: Refusal) => void>()
  const answers = new Map<string, () => Promise<OperationOutcome>>()
  const door = createWebSocketDoor({
    engine: {
      run: async ({ query }) => {
        const answer = answers.get(query)
        if (answer !== undefined) return answer()
        const stream = fakeFrameStream()
        streams.push(stream)
        return { type: 'stream', stream }
      },
    },
    // The engine above asks nothing of it.
    openContext: async () => ({ principal: anonymous }) as ObservedContext,
    maskError: createErrorMask(logger),
    logger,
    outbox: createOutbox(),
    watch: (_principal, onEnd) => {
      watches.add(onEnd)
      return () => void watches.delete(onEnd)
    },
    admitSocket,
    factsOf,
    isOriginAllowed: () => true,
    limits,
  })
  const server = createServer()
  server.on('upgrade', (request, socket, head) => {
    sockets.push(socket)
    door.upgrade(request, socket, head).catch(() => {
      socket.end('HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\n\r\n')
    })
  })
  const local = await listenLocally(server)
  return {
    port: local.port,
    url: `${local.origin}/graphql`,
    logger,
    streams,
    sockets,
    endCredential(why) {
      for (const onEnd of watches) onEnd(why)
    },
    answerWith: (query, outcome) => void answers.set(query, outcome),
    closeDoor: () => door.close(0),
    async [Symbol.asyncDispose]() {
      await door.close(0)
      await local[Symbol.asyncDispose]()
    },
  }
}
