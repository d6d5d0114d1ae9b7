import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { Refusal } from '../../core/errors.ts'
import { createDrain } from './drain.ts'
import type { DoorFacts } from '../request-context.ts'
import type { UpgradeDoor, UpgradeOptions } from './handlers.ts'
import { stoppingRefusal } from './json-answer.ts'
import { closeCodes } from './ws-close-codes.ts'
import { keepAlive } from './ws-keep-alive.ts'
import { createLink, type LinkLimits } from './ws-link.ts'
import { converse } from './ws-protocol.ts'

export interface WebSocketLimits extends LinkLimits {
  /** The largest message that a client may send, in bytes. */
  readonly maxMessageBytes: number
  readonly maxOperations: number
  readonly initWaitMs: number
  readonly keepAliveMs: number
}

export interface WebSocketOptions extends UpgradeOptions {
  readonly limits?: Partial<WebSocketLimits>
}

const defaultLimits: WebSocketLimits = {
  maxMessageBytes: 1024 * 1024,
  maxOperations: 100,
  initWaitMs: 3_000,
  keepAliveMs: 12_000,
  highWaterBytes: 256 * 1024,
  stallMs: 30_000,
}

/** GraphQL over WebSocket (subprotocol `graphql-transport-ws`) on upgraded connections. */
export function createWebSocketDoor(options: WebSocketOptions): UpgradeDoor {
  return new WebSocketDoor(options)
}

class WebSocketDoor implements UpgradeDoor {
  readonly #options: WebSocketOptions
  readonly #limits: WebSocketLimits
  readonly #server: WebSocketServer
  readonly #drain = createDrain()

  constructor(options: WebSocketOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: this.#limits.maxMessageBytes,
      // Compression costs 300 kB a socket and keeps frames from being shared.
      perMessageDeflate: false,
      // One message a turn of the loop, so that a burst of one client does not hold up all others.
      allowSynchronousEvents: false,
      handleProtocols,
    })
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const facts = this.#admit(request)
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket, facts))
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

  #accept(socket: WebSocket, facts: DoorFacts): void {
    const link = createLink(socket, this.#limits)
    const conversation = converse(socket.protocol, { link, facts }, { ...this.#options, ...this.#limits })
    const member = this.#drain.join({
      wake: () => link.close(closeCodes.restart, 'The server restarts; come back in a moment.'),
      force: () => socket.terminate(),
    })
    keepAlive(socket, link, this.#limits.keepAliveMs)
    // `ws` gives each message as one buffer unless it is told otherwise.
    socket.on('message', (data) => conversation.receive((data as Buffer).toString('utf8')))
    // The socket closes itself after its errors: a frame that is too large, a broken connection.
    socket.on('error', (error) =>
      this.#options.logger.debug({ requestId: facts.requestId, error: String(error) }, 'A socket failed.'),
    )
    socket.once('close', () => {
      member.leave()
      conversation.end()
    })
  }
}
