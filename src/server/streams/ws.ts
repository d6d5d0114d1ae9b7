import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols, type Server } from 'graphql-ws'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { Refusal } from '../../core/errors.ts'
import { createDrain } from './drain.ts'
import type { DoorFacts } from '../request-context.ts'
import type { UpgradeDoor, UpgradeOptions } from './handlers.ts'
import { stoppingRefusal } from './json-answer.ts'
import { writeRawAnswer } from '../http/raw-answer.ts'
import { resultAnswer } from './json-answer.ts'
import { closeCodes } from './ws-close-codes.ts'
import type { Connection } from './ws-operations.ts'
import { createProtocol } from './ws-protocol.ts'
import { closeSocket, keepAlive, send } from './ws-socket.ts'

export interface WebSocketLimits {
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
}

/** GraphQL over WebSocket (subprotocol `graphql-transport-ws`) on upgraded connections. */
export function createWebSocketDoor(options: WebSocketOptions): UpgradeDoor {
  return new WebSocketDoor(options)
}

class WebSocketDoor implements UpgradeDoor {
  readonly #options: WebSocketOptions
  readonly #limits: WebSocketLimits
  readonly #protocol: Server<Connection>
  readonly #server: WebSocketServer
  readonly #drain = createDrain()

  constructor(options: WebSocketOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#protocol = createProtocol({ ...options, ...this.#limits })
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: this.#limits.maxMessageBytes,
      // Compression costs 300 kB a socket and keeps frames from being shared.
      perMessageDeflate: false,
      handleProtocols,
    })
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    try {
      const facts = this.#admit(request)
      this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket, facts))
    } catch (error) {
      const masked = this.#options.maskError(error, this.#options.requestIdOf(request))
      writeRawAnswer(socket, resultAnswer({ errors: [masked] }))
    }
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
    const { logger } = this.#options
    const connection: Connection = { socket, facts, begun: 0 }
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => send(socket, text),
        close: (status, reason) => closeSocket(socket, status ?? 1000, reason ?? ''),
        onMessage: (take) => socket.on('message', (data) => void this.#receive(connection, take, data)),
      },
      connection,
    )
    const member = this.#drain.join({
      wake: () => closeSocket(socket, closeCodes.restart, 'The server restarts; come back in a moment.'),
      force: () => socket.terminate(),
    })
    keepAlive(socket, this.#limits.keepAliveMs)
    // The socket closes itself after its errors: a frame that is too large, a broken connection.
    socket.on('error', (error) =>
      logger.debug({ requestId: facts.requestId, error: String(error) }, 'A socket failed.'),
    )
    socket.once('close', (status, reason) => {
      member.leave()
      closed(status, String(reason)).catch((error: unknown) => this.#report(connection, error))
    })
  }

  async #receive(connection: Connection, take: (text: string) => Promise<void>, data: RawData): Promise<void> {
    try {
      // `ws` gives each message as one buffer unless it is told otherwise.
      await take((data as Buffer).toString('utf8'))
    } catch (error) {
      this.#report(connection, error)
      closeSocket(connection.socket, closeCodes.tryAgain, 'Something failed on our side.')
    }
  }

  #report({ facts }: Connection, error: unknown): void {
    const message = 'A message on a socket could not be handled.'
    this.#options.logger.error({ requestId: facts.requestId, error: String(error) }, message)
  }
}
