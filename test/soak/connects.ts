import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { inParallel, type Target } from './load.ts'

/** One connection that comes and goes. */
type Visit = (target: Target) => Promise<void>

const operation = { query: 'subscription { jobs { __typename } }' }

/** A WebSocket that introduces itself, subscribes, and is told something; then `leave` ends it. */
const overWebSocket =
  (leave: (socket: WebSocket) => void): Visit =>
  async ({ port, headers }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', { headers: { ...headers } })
    socket.on('error', () => {})
    socket.once('open', () => socket.send('{"type":"connection_init"}'))
    // Each message of our own server is in one buffer.
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text.includes('connection_ack'))
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: operation }))
      else leave(socket)
    })
    await new Promise((resolve) => socket.once('close', resolve))
  }

/** A request for a stream that is cut once something has come, or while it waits. */
const overHttp =
  (accept: string, extensions: object): Visit =>
  ({ port, headers }) =>
    new Promise((resolve) => {
      const own = { ...headers, 'content-type': 'application/json', accept }
      const asked = request({ host: '127.0.0.1', port, path: '/graphql', method: 'POST', agent: false, headers: own })
      asked.on('response', (response) => {
        response.on('error', () => {})
        response.once('data', () => asked.destroy())
        response.resume()
      })
      asked.on('error', () => {}).on('close', resolve)
      asked.end(JSON.stringify({ ...operation, extensions }))
    })

/** Bytes that are written to a plain socket before it is cut. */
const plain =
  (text: string, leave: (socket: Socket) => void): Visit =>
  async ({ port }) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    socket.once('connect', () => socket.write(text, () => leave(socket)))
    await new Promise((resolve) => socket.once('close', resolve))
  }

const head = 'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n'
const upgrade = [
  'GET /graphql HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13',
  'sec-websocket-key: c29hayBzb2FrIHNvYWsgcw==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n',
].join('\r\n')

/** All ways to come and go, in turn. */
const visits: readonly Visit[] = [
  overWebSocket((socket) => socket.close(1000)),
  overWebSocket((socket) => socket.terminate()),
  overHttp('text/event-stream', {}),
  overHttp('application/vnd.millrace.poll+json', {}),
  overHttp('text/event-stream', { resume: { after: 'now' } }),
  plain(upgrade, (socket) => socket.destroy()),
  plain(`${head}\r\n{"query":`, (socket) => socket.destroy()),
  plain(head, (socket) => socket.resetAndDestroy()),
  plain('no HTTP at all\r\n\r\n', (socket) => socket.end()),
  plain('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n', (socket) => socket.end()),
]

/** Has so many connections come and go. */
export function comeAndGo(count: number, target: Target): Promise<void> {
  return inParallel(count, target, (n) => visits[n % visits.length]?.(target) ?? Promise.resolve())
}
