import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, type Message, MessageType, parseMessage } from 'graphql-ws'
import type { WatchCredential } from './end-with-credential.ts'
import { type Connection, introduce } from './ws-connection.ts'
import { createOperations, type OperationsOptions } from './ws-operations.ts'

export interface ProtocolOptions extends OperationsOptions {
  /** How long a client may take to send `connection_init`, in ms. */
  readonly initWaitMs: number
  readonly watch: WatchCredential
}

/** What a server does at one end of a socket that speaks graphql-transport-ws. */
export interface Conversation {
  /** Takes a message of the client. What is against the protocol closes the socket. Never throws. */
  receive(text: string): void
  /** Ends all that belongs to the socket, which is closed. */
  end(): void
}

/** Clients number their operations or give them UUIDs; an id comes back in every frame. */
const maxIdLength = 256

/** Begins to speak graphql-transport-ws. Closes a socket for any other subprotocol. */
export function converse(
  protocol: string,
  { link, facts }: Pick<Connection, 'link' | 'facts'>,
  options: ProtocolOptions,
): Conversation {
  const { logger, initWaitMs } = options
  const connection: Connection = { link, facts, dismiss: (error) => operations.dismiss(error) }
  const operations = createOperations(options, connection)
  let state: 'new' | 'introducing' | 'acknowledged' = 'new'
  let stopWatching = () => {}
  const initWait = setTimeout(() => {
    if (state === 'new') link.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout')
  }, initWaitMs)
  if (protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
    link.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable')
  }

  async function init(payload: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    if (state !== 'new') return link.close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests')
    state = 'introducing'
    const principal = await introduce(options, connection, payload)
    if (principal === null || !link.isOpen) return
    stopWatching = options.watch(principal, (why) => connection.dismiss(why))
    state = 'acknowledged'
    await link.send(JSON.stringify({ type: MessageType.ConnectionAck }))
  }

  function subscribe(id: string, payload: unknown): void {
    if (state !== 'acknowledged') link.close(CloseCode.Unauthorized, 'Unauthorized')
    else if (id.length > maxIdLength) refuse(`An id may have at most ${maxIdLength} characters`)
    else operations.begin(id, payload)
  }

  function refuse(reason: string): void {
    logger.debug({ requestId: facts.requestId, reason }, 'A socket was closed for a message against the protocol.')
    link.close(CloseCode.BadRequest, reason)
  }

  return {
    receive(text) {
      // Clients that have not heard yet that the socket is closing go on to send.
      if (!link.isOpen) return
      const message = read(text)
      if (message?.type === MessageType.ConnectionInit) void init(message.payload)
      else if (message?.type === MessageType.Ping) void link.send(pong(message.payload))
      else if (message?.type === MessageType.Subscribe) subscribe(message.id, message.payload)
      else if (message?.type === MessageType.Complete) operations.complete(message.id)
      else if (message?.type !== MessageType.Pong) refuse('Invalid message received')
    },
    end() {
      clearTimeout(initWait)
      stopWatching()
      operations.end()
    },
  }
}

/** `null` for what is no message. */
function read(text: string): Message | null {
  try {
    return parseMessage(text)
  } catch {
    return null
  }
}

function pong(payload: Readonly<Record<string, unknown>> | null | undefined): string {
  return JSON.stringify({ type: MessageType.Pong, payload: payload ?? undefined })
}
