import { WebSocket } from 'ws'
import { type JsonObject, isObject, parseJson } from '../json.ts'
import type { Headers } from '../target.ts'
import { show, Violation } from '../violation.ts'

export interface WsRequest {
  readonly url: string
  readonly headers: Headers
  /** `null` asks for none. */
  readonly protocol?: string | null
  readonly signal: AbortSignal
  readonly patienceMs: number
}

export interface Closing {
  readonly code: number
  readonly reason: string
}

/** A WebSocket on which the suite speaks the subprotocol by itself. It offers compression, as browsers do. */
export interface WsWire {
  readonly socket: WebSocket
  send(message: JsonObject | string): void
  /** The next message. Throws a `Violation` when the socket closes before, or nothing comes for too long. */
  next(patienceMs?: number): Promise<JsonObject>
  /** How the socket was closed; waits for it. Throws a `Violation` when it stays open for too long. */
  closed(patienceMs?: number): Promise<Closing>
  close(): void
}

/** A server that does not open the socket, with the HTTP answer that it gave instead. */
export class NotOpened extends Violation {
  readonly status: number

  constructor(status: number) {
    super(`the socket was not opened: HTTP ${status}`)
    this.status = status
  }
}

const subprotocol = 'graphql-transport-ws'

/** Opens a socket. Throws `NotOpened` for an answer that is no upgrade. */
export async function openWs({ url, headers, protocol, signal, patienceMs }: WsRequest): Promise<WsWire> {
  signal.throwIfAborted()
  const asked = protocol === undefined ? subprotocol : protocol
  const socket = new WebSocket(url.replace(/^http/, 'ws'), asked === null ? [] : [asked], { headers })
  const stop = () => socket.terminate()
  signal.addEventListener('abort', stop, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', stop))
  // Before the promise below, so that no message of the first moment is missed.
  const wire = readWs(socket, patienceMs)
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      socket.terminate()
      reject(new Violation(`the socket was not opened within ${patienceMs} ms`))
    }, patienceMs)
    socket.once('open', resolve)
    socket.once('unexpected-response', (request, response) => {
      request.destroy()
      reject(new NotOpened(response.statusCode ?? 0))
    })
    socket.on('error', (error) => reject(new Violation(`the socket failed: ${error.message}`)))
    socket.once('open', () => clearTimeout(late))
    socket.once('close', () => clearTimeout(late))
  })
  return wire
}

function readWs(socket: WebSocket, patience: number): WsWire {
  const messages: string[] = []
  let closing: Closing | null = null
  let failure: string | null = null
  let wake = () => undefined as void
  socket.on('message', (data, isBinary) => {
    // Each message comes as one buffer unless the socket is told otherwise.
    if (isBinary) failure ??= 'the server sent a binary message'
    else messages.push((data as Buffer).toString('utf8'))
    wake()
  })
  socket.on('error', (error) => {
    failure ??= `the socket failed: ${error.message}`
    wake()
  })
  socket.on('close', (code, reason) => {
    closing = { code, reason: String(reason) }
    wake()
  })

  /** Waits until something happens. */
  async function happening(deadline: number, awaited: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    wake = resolve
    const timer = setTimeout(() => reject(new Violation(`no ${awaited} in time`)), deadline - performance.now())
    await promise.finally(() => clearTimeout(timer))
  }

  async function next(patienceMs = patience): Promise<JsonObject> {
    const deadline = performance.now() + patienceMs
    while (messages.length === 0) {
      if (failure !== null) throw new Violation(failure)
      if (closing !== null) throw new Violation(`the socket was closed with ${closing.code} ${show(closing.reason)}`)
      await happening(deadline, 'message')
    }
    const text = messages.shift() ?? ''
    const message = parseJson(text)
    if (!isObject(message)) throw new Violation(`a message that is no JSON object: ${show(text)}`)
    return message
  }

  return {
    socket,
    next,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async closed(patienceMs = patience) {
      const deadline = performance.now() + patienceMs
      while (closing === null) await happening(deadline, 'close')
      return closing
    },
    close: () => socket.close(),
  }
}

/** Opens a socket and introduces itself; the credential is in the headers unless a payload has one. */
export async function openAcknowledged(request: WsRequest, payload?: JsonObject): Promise<WsWire> {
  const wire = await openWs(request)
  wire.send({ type: 'connection_init', ...(payload !== undefined && { payload }) })
  const message = await wire.next()
  if (message['type'] !== 'connection_ack') throw new Violation(`no connection_ack, but ${show(message)}`)
  return wire
}
