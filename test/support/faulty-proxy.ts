import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { WebSocket, WebSocketServer } from 'ws'

const pollType = 'application/vnd.millrace.poll+json'

/** What a server sends over one connection, changed on its way: each function answers what is sent instead. */
export interface Tampering {
  /** A message over a WebSocket. */
  readonly message?: (message: Record<string, unknown>) => readonly (object | string)[]
  /** A block of an event stream, without the empty line after it. */
  readonly block?: (block: string) => readonly string[]
  /** The answer to a poll. */
  readonly answer?: (answer: Record<string, unknown>) => object
  readonly status?: (status: number, request: IncomingMessage) => number
  readonly headers?: (headers: IncomingHttpHeaders) => IncomingHttpHeaders
  readonly closeCode?: (code: number) => number
  /** The body of a POST, before the server sees it. */
  readonly says?: (body: string) => string
  /** The headers of the client, before the server sees them. */
  readonly asks?: (headers: IncomingHttpHeaders, body: string) => IncomingHttpHeaders
  /** A message of the client over a WebSocket, before the server sees it. */
  readonly hears?: (message: Record<string, unknown>) => readonly object[]
  readonly subprotocol?: string
  readonly compresses?: boolean
}

export interface FaultyProxy extends AsyncDisposable {
  /** Of `/graphql`. */
  readonly url: string
  /** Answers what `accept: application/json` asks, if it is to; `null` passes it on. */
  local: ((body: string) => Promise<object | null>) | null
}

/** A proxy in front of a server that speaks the protocol; `tamperWith` is called for each connection or request. */
export async function openFaultyProxy(targetUrl: string, tamperWith: () => Tampering): Promise<FaultyProxy> {
  const target = new URL(targetUrl)
  const sockets = new Set<WebSocket>()

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const tampering = tamperWith()
    const sent = await text(request)
    const own = request.headers.accept === 'application/json' ? await proxy.local?.(sent) : null
    if (own !== null && own !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(own))
      return
    }
    const {
      'content-length': _length,
      connection: _connection,
      ...rest
    } = tampering.asks?.(request.headers, sent) ?? request.headers
    // The servers of the tests answer plain operations where they answer polls.
    const headers = rest.accept === 'application/json' ? { ...rest, accept: pollType } : rest
    const onward = httpRequest(
      { host: target.hostname, port: target.port, path: request.url, method: request.method, headers, agent: false },
      (answer) => void passAnswer({ request, response, answer, tampering }).catch(() => response.destroy()),
    )
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    onward.end(tampering.says?.(sent) ?? sent)
  }

  const server = createServer((request, response) => void pass(request, response))
  const upgrades = createUpgrades(target, tamperWith, sockets)
  server.on('upgrade', upgrades)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server has an address of this form once it listens.
  const { port } = server.address() as AddressInfo
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${port}/graphql`,
    local: null,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}

interface Passing {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly answer: IncomingMessage
  readonly tampering: Tampering
}

async function passAnswer({ request, response, answer, tampering }: Passing): Promise<void> {
  const { 'transfer-encoding': _coding, 'content-length': _length, connection: _connection, ...rest } = answer.headers
  const headers = tampering.headers?.(rest) ?? rest
  const status = tampering.status?.(answer.statusCode ?? 0, request) ?? answer.statusCode ?? 0
  const type = answer.headers['content-type'] ?? ''
  response.writeHead(status, headers)
  response.flushHeaders()
  if (type.startsWith('text/event-stream')) return passBlocks(response, answer, tampering)
  const body = await buffer(answer)
  const isPoll = type.startsWith(pollType)
  response.end(isPoll && tampering.answer ? JSON.stringify(tampering.answer(JSON.parse(body.toString()))) : body)
}

async function passBlocks(response: ServerResponse, answer: IncomingMessage, { block }: Tampering): Promise<void> {
  const decoder = new TextDecoder()
  let waiting = ''
  for await (const chunk of answer) {
    waiting += decoder.decode(chunk, { stream: true })
    const blocks = waiting.split('\n\n')
    waiting = blocks.pop() ?? ''
    for (const one of blocks) for (const changed of block?.(one) ?? [one]) response.write(`${changed}\n\n`)
  }
  response.end(waiting)
}

function createUpgrades(target: URL, tamperWith: () => Tampering, sockets: Set<WebSocket>) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const tampering = tamperWith()
    const asked = request.headers['sec-websocket-protocol']?.split(/, */) ?? []
    const { authorization, cookie, origin } = tampering.asks?.(request.headers, '') ?? request.headers
    const given = Object.entries({ authorization, cookie, origin }).filter(([, value]) => value !== undefined)
    const far = new WebSocket(`ws://${target.host}${request.url}`, asked, {
      headers: Object.fromEntries(given) as Record<string, string>,
    })
    sockets.add(far)
    far.on('error', () => socket.destroy())
    far.on('unexpected-response', (_request, response) => {
      socket.end(`HTTP/1.1 ${response.statusCode} Refused\r\ncontent-length: 0\r\n\r\n`)
      far.terminate()
    })
    far.pause()
    far.once('upgrade', ({ headers }) => {
      const agreed = headers['sec-websocket-protocol'] ?? false
      const near = new WebSocketServer({
        noServer: true,
        perMessageDeflate: tampering.compresses ?? false,
        maxPayload: 2 ** 24,
        handleProtocols: () => tampering.subprotocol ?? agreed,
      })
      near.handleUpgrade(request, socket, head, (client) => join(client, far, tampering, sockets))
    })
  }
}

function join(near: WebSocket, far: WebSocket, tampering: Tampering, sockets: Set<WebSocket>): void {
  sockets.add(near)
  near.on('error', () => undefined)
  const opened = far.readyState === far.OPEN ? Promise.resolve() : once(far, 'open')
  near.on('message', (data, isBinary) => {
    const bytes = data as Buffer
    const heard = tampering.hears && hear(bytes.toString('utf8'), tampering.hears)
    void opened.then(() => {
      for (const text of heard ?? [bytes]) far.send(text, { binary: isBinary })
    })
  })
  near.on('close', () => far.terminate())
  far.on('message', (data) => {
    const sent = (data as Buffer).toString('utf8')
    for (const changed of tampering.message?.(JSON.parse(sent)) ?? [sent]) {
      near.send(typeof changed === 'string' ? changed : JSON.stringify(changed))
    }
  })
  far.on('ping', (data) => near.ping(data))
  far.on('close', (code, reason) => {
    const changed = tampering.closeCode?.(code) ?? code
    if (changed === 1006 || changed === 1005) near.terminate()
    else near.close(changed, reason)
  })
  far.resume()
}

/** What is heard of a text; what is no JSON stays as it is. */
function hear(text: string, hears: NonNullable<Tampering['hears']>): readonly string[] | null {
  try {
    return hears(JSON.parse(text)).map((message) => JSON.stringify(message))
  } catch {
    return null
  }
}
