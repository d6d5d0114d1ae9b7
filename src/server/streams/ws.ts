import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { Refusal } from '../../core/errors.ts'
import { createDrain } from './drain.ts'
import type { DoorFacts } from '../request-context.ts'
import type { UpgradeDoor, UpgradeOptions } from './handlers.ts'
import { stoppingRefusal } from './json-answer.ts'
import { createPulse } from './pulse.ts'
import type { StreamLimits } from './stream-limits.ts'
import { closeCodes } from './ws-close-codes.ts'
import { Link, type LinkDoor, type LinkLimits } from './ws-link.ts'
import { Conversation, type ProtocolOptions } from './ws-protocol.ts'

export interface WebSocketLimits extends LinkLimits {
  /** The largest message that a client may send, in bytes. */
  readonly maxMessageBytes: number
  readonly maxOperations: number
  readonly initWaitMs: number
  /** How often a client is pinged, which is how long it may take to answer, in ms. */
  readonly keepAliveMs: number
}

export interface WebSocketOptions extends UpgradeOptions {
  /** Whether there may be one socket more. */
  readonly admitSocket: StreamLimits['admitSocket']
  readonly limits?: Partial<WebSocketLimits>
}

const defaultLimits: WebSocketLimits = {
  maxMessageBytes: 1024 * 1024,
  maxOperations: 100,
  initWaitMs: 3_000,
  keepAliveMs: 12_000,
  highWaterBytes: 16 * 1024,
  holdBytes: 256 * 1024,
  stallMs: 30_000,
}

/** GraphQL over WebSocket (subprotocol `graphql-transport-ws`) on upgraded connections. */
export function createWebSocketDoor(options: WebSocketOptions): UpgradeDoor {
  return new WebSocketDoor(options)
}

class WebSocketDoor implements UpgradeDoor {
  /** What all conversations and links of this door have in common. */
  readonly #options: WebSocketOptions & ProtocolOptions & LinkDoor
  readonly #server: WebSocketServer
  readonly #drain = createDrain()

  constructor(options: WebSocketOptions) {
    const limits = { ...defaultLimits, ...options.limits }
    this.#options = { ...options, ...limits, pulse: createPulse(limits.keepAliveMs) }
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: limits.maxMessageBytes,
      // Each piece of a message costs more than its bytes: honest ones come in segments, not byte by byte.
      maxBufferedChunks: 4_096,
      maxFragments: 1_024,
      // The link answers pings: an answer counts as one that the client has to take.
      autoPong: false,
      // The drain has the list.
      clientTracking: false,
      // Compression costs 300 kB a socket and keeps frames from being shared.
      perMessageDeflate: false,
      // One message a turn of the loop, so that a burst of one client does not hold up all others.
      allowSynchronousEvents: false,
      handleProtocols,
    })
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', destroy)
    const facts = this.#admit(request)
    const leave = await this.#options.admitSocket(facts.client.ip)
    // Its end may have come meanwhile, or the server's; what the client has said since waits in the socket.
    if (socket.destroyed) {
      leave()
      return
    }
    socket.once('close', leave)
    if (this.#drain.started) throw stoppingRefusal()
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket, socket, facts))
  }

  async close(drainMs: number): Promise<void> {
    await this.#drain.close(drainMs)
    this.#server.close()
  }

  /** Throws the refusal of a socket that may not be opened. */
  #admit(request: IncomingMessage): DoorFacts {
    if (this.#drain.started) throw stoppingRefusal()
    if (!this.#options.isOriginAllowed(request)) {
      throw new Refusal('ORIGIN_REFUSED', 'Pages of this origin may not open a WebSocket here.')
    }
    return { ...this.#options.factsOf(request), sessionCookie: null }
  }

  #accept(webSocket: WebSocket, socket: Duplex, facts: DoorFacts): void {
    const link = new Link(webSocket, socket, this.#options)
    const conversation = new Conversation(webSocket.protocol, { link, facts }, this.#options)
    const member = this.#drain.join({
      wake: () => link.close(closeCodes.restart, 'The server restarts; come back in a moment.'),
      force: () => link.terminate(),
    })
    // `ws` gives each message as one buffer unless it is told otherwise.
    webSocket.on('message', (data) => conversation.receive((data as Buffer).toString('utf8')))
    webSocket.on('ping', (payload) => link.pong(payload))
    webSocket.on('pong', (payload) => link.ponged(payload))
    // The socket closes itself after its errors: a frame that is too large, a broken connection.
    webSocket.on('error', (error) =>
      this.#options.logger.debug({ requestId: facts.requestId, error: String(error) }, 'A socket failed.'),
    )
    webSocket.once('close', () => {
      member.leave()
      link.end()
      conversation.end()
    })
  }
}

function destroy(this: Duplex): void {
  this.destroy()
}
