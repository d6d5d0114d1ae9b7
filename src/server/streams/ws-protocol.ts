import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, type Message, MessageType, parseMessage } from 'graphql-ws'
import type { DoorFacts } from '../request-context.ts'
import { isTooDeep } from '../json-text.ts'
import type { Pulse, PulseMember } from './pulse.ts'
import type { WatchCredential } from './watch-credential.ts'
import { type Connection, introduce } from './ws-connection.ts'
import type { Link } from './ws-link.ts'
import { Operations, type OperationsOptions } from './ws-operations.ts'

export interface ProtocolOptions extends OperationsOptions {
  /** How long a client may take to send `connection_init`, in ms. */
  readonly initWaitMs: number
  readonly watch: WatchCredential
  readonly pulse: Pulse
}

/** Clients number their operations or give them UUIDs; an id comes back in every frame. */
const maxIdLength = 256

const acknowledgement = JSON.stringify({ type: MessageType.ConnectionAck })

/** What a server does at one end of a socket that speaks graphql-transport-ws. */
export class Conversation implements Connection, PulseMember {
  readonly link: Link
  facts: DoorFacts
  readonly #options: ProtocolOptions
  readonly #operations: Operations
  #state: 'new' | 'introducing' | 'acknowledged' = 'new'
  #stopWatching: (() => void) | null = null

  /** Closes a socket for any other subprotocol. */
  constructor(protocol: string, { link, facts }: Pick<Connection, 'link' | 'facts'>, options: ProtocolOptions) {
    this.link = link
    this.facts = facts
    this.#options = options
    this.#operations = new Operations(options, this)
    options.pulse.join(this)
    options.pulse.expect(this, options.initWaitMs)
    if (protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
      link.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable')
    }
  }

  /** Takes a message of the client. What is against the protocol closes the socket. Never throws. */
  receive(text: string): void {
    // Clients that have not heard yet that the socket is closing go on to send.
    if (!this.link.isOpen) return
    const message = read(text)
    if (message?.type === MessageType.ConnectionInit) void this.#init(message.payload)
    else if (message?.type === MessageType.Ping) this.link.send(pong(message.payload))
    else if (message?.type === MessageType.Subscribe) this.#subscribe(message.id, message.payload)
    else if (message?.type === MessageType.Complete) this.#operations.complete(message.id)
    else if (message?.type !== MessageType.Pong) this.#refuse('Invalid message received')
  }

  dismiss(error: unknown): void {
    this.#operations.dismiss(error)
  }

  /** Nothing is said to it now and then: the link does that. */
  beat(): void {}

  /** It has not introduced itself in time. */
  late(): void {
    if (this.#state !== 'new') return
    this.link.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout')
  }

  /** Ends all that belongs to the socket, which is closed. */
  end(): void {
    this.#options.pulse.leave(this)
    this.#stopWatching?.()
    this.#operations.end()
  }

  async #init(payload: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    if (this.#state !== 'new') {
      return this.link.close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests')
    }
    this.#state = 'introducing'
    this.#options.pulse.leave(this)
    const principal = await introduce(this.#options, this, payload)
    if (principal === null || !this.link.isOpen) return
    this.#stopWatching = this.#options.watch(principal, (why) => this.dismiss(why))
    this.#state = 'acknowledged'
    this.link.send(acknowledgement)
  }

  #subscribe(id: string, payload: unknown): void {
    if (this.#state !== 'acknowledged') this.link.close(CloseCode.Unauthorized, 'Unauthorized')
    else if (id.length > maxIdLength) this.#refuse(`An id may have at most ${maxIdLength} characters`)
    else this.#operations.begin(id, payload)
  }

  #refuse(reason: string): void {
    const { requestId } = this.facts
    this.#options.logger.debug({ requestId, reason }, 'A socket was closed for a message against the protocol.')
    this.link.close(CloseCode.BadRequest, reason)
  }
}

/** `null` for what is no message, or nested deeper than any. */
function read(text: string): Message | null {
  if (isTooDeep(text)) return null
  try {
    return parseMessage(text)
  } catch {
    return null
  }
}

function pong(payload: Readonly<Record<string, unknown>> | null | undefined): string {
  return JSON.stringify({ type: MessageType.Pong, payload: payload ?? undefined })
}
