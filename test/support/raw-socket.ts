import { WebSocket } from 'ws'

/** What the server sends over the subprotocol. */
export interface Message {
  readonly type: string
  readonly id?: string
  readonly payload?: unknown
}

/** A WebSocket on which a test speaks the subprotocol by itself. */
export interface RawSocket {
  readonly socket: WebSocket
  send(message: object | string): void
  /** The next message. Throws when the socket closes before. */
  next(): Promise<Message>
  /** The code and reason with which the socket was closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

export interface RawSocketOptions {
  readonly headers?: Record<string, string>
  readonly protocol?: string | null
}

/** Opens a socket; throws what the server answers instead. */
export async function openRawSocket(url: string, options: RawSocketOptions = {}): Promise<RawSocket> {
  const { headers = {}, protocol = 'graphql-transport-ws' } = options
  const address = url.replace(/^http/, 'ws')
  const socket = protocol === null ? new WebSocket(address, { headers }) : new WebSocket(address, protocol, { headers })
  const messages: Message[] = []
  let wake = () => undefined as void
  let isClosed = false
  // Of our own server, each message in one buffer.
  socket.on('message', (data) => {
    messages.push(JSON.parse((data as Buffer).toString('utf8')) as Message)
    wake()
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      isClosed = true
      wake()
      resolve({ code, reason: String(reason) })
    })
  })
  socket.on('error', () => undefined)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return {
    socket,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next() {
      while (messages.length === 0 && !isClosed) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const message = messages.shift()
      if (message === undefined) throw new Error('The socket was closed.')
      return message
    },
  }
}

/** Opens a socket and introduces itself. */
export async function openAcknowledged(
  url: string,
  payload?: Record<string, unknown>,
  options: RawSocketOptions = {},
): Promise<RawSocket> {
  const raw = await openRawSocket(url, options)
  raw.send({ type: 'connection_init', ...(payload && { payload }) })
  const message = await raw.next()
  if (message.type !== 'connection_ack') throw new Error(`The server answered ${message.type}.`)
  return raw
}
