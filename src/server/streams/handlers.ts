import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from '../../ports/logger.ts'
import type { MaskError } from '../graphql/mask-error.ts'
import type { Observe } from '../graphql/observe.ts'
import type { Engine } from '../operation.ts'
import type { DoorFacts, OpenContext } from '../request-context.ts'
import type { Outbox } from './outbox.ts'
import type { WatchCredential } from './watch-credential.ts'

/** What every transport is made of. */
export interface TransportOptions {
  readonly engine: Engine
  readonly openContext: OpenContext
  readonly maskError: MaskError
  readonly observe?: Observe | undefined
  readonly logger: Logger
  /** One for the whole server: what a piece of work has for a client goes out in one write. */
  readonly outbox: Outbox
}

/**
 * A request for a stream over HTTP. The router has chosen the transport by `Accept`, refused what comes from a wrong origin,
 * read and bounded the body, and set the headers that every answer carries (CORS, security) with `response.setHeader`.
 */
export interface StreamRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly facts: DoorFacts
  /** The parsed JSON body of a POST. `undefined` for a GET, whose query string the transport reads from `request.url`. */
  readonly body: unknown
}

/** A transport over HTTP: `createSseDoor` and `createPollDoor`. */
export interface StreamDoor {
  /** Answers the request; resolves when the answer was sent, has begun as a stream, or waits for an event. Never rejects. */
  handle(request: StreamRequest): Promise<void>
  /** Refuses new streams and ends the open ones within `drainMs` so that their clients come back. Can be called twice. */
  close(drainMs: number): Promise<void>
}

/** A transport over upgraded connections: `createWebSocketDoor`. */
export interface UpgradeDoor {
  /**
   * Takes over the socket of an `upgrade` event whose path is this door's. Rejects with the `Refusal` of one that may not be,
   * whose socket is for the caller to answer; nobody else may read from it meanwhile.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>
  /** Refuses new sockets and closes the open ones (1012) within `drainMs`; what is left then is terminated. */
  close(drainMs: number): Promise<void>
}

/** What the WebSocket door needs to know of an upgrade request, as plain functions of the HTTP part. */
export interface UpgradeOptions extends TransportOptions {
  /** Sockets are closed when the credential ends that they were opened with, also those without a stream. */
  readonly watch: WatchCredential
  /**
   * The request's id, client and credentials. `sessionCookie` is ignored: a socket cannot set one. May throw the `Refusal`
   * of malformed headers.
   */
  readonly factsOf: (request: IncomingMessage) => DoorFacts
  /** Whether a page of the request's `Origin` may open a socket here. Requests without `Origin` come from no browser. */
  readonly isOriginAllowed: (request: IncomingMessage) => boolean
}
