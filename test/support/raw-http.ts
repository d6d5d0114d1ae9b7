import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { eventually } from './eventually.ts'

/** A connection on which a test sees each byte that the server sends. */
export interface RawHttp {
  readonly socket: Socket
  /** All that has come, one character for each byte. */
  readonly received: string
  /** Whether the server has closed the connection. */
  readonly closed: boolean
  /** Waits for a text. */
  until(text: string): Promise<void>
  /** Waits for a text near the end of what has come: of much the rest is not looked at again and again. */
  untilNearEnd(text: string): Promise<void>
}

/** The most that `untilNearEnd` looks at, in characters. */
const tailLength = 100

/** Sends the text as it is. With `reads: false` nothing is taken from the connection until `socket.resume()`. */
export async function openRawHttp(port: number, text: string, { reads = true } = {}): Promise<RawHttp> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let received = ''
  let tail = ''
  let closed = false
  socket.setEncoding('latin1')
  socket.on('error', () => undefined)
  socket.on('close', () => {
    closed = true
  })
  socket.on('data', (chunk: string) => {
    received += chunk
    tail = (tail + chunk).slice(-tailLength)
  })
  if (!reads) socket.pause()
  await once(socket, 'connect')
  socket.write(text)
  return {
    socket,
    get received() {
      return received
    },
    get closed() {
      return closed
    },
    until: (wanted) => eventually(() => received.includes(wanted)),
    untilNearEnd: (wanted) => eventually(() => tail.includes(wanted), 10_000),
  }
}

/** A request to `/graphql`, as it stands on the wire. */
export function rawPost(body: object, accept: string, version = '1.1'): string {
  const text = JSON.stringify(body)
  const lines = [
    `POST /graphql HTTP/${version}`,
    'host: localhost',
    `accept: ${accept}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${text}`
}

/**
 * The data of an answer in chunks, chunk by chunk; whether the last was there, and what follows. Throws for whatever RFC 9112
 * section 7.1 does not allow, and for a chunk that is not whole.
 */
export function readChunks(received: string): ChunkedBody {
  const head = received.indexOf('\r\n\r\n')
  if (!/\r\ntransfer-encoding: chunked\r\n/i.test(received.slice(0, head + 2))) throw new Error('There are no chunks.')
  const chunks: string[] = []
  let at = head + 4
  while (at < received.length) {
    const [line, digits] = /^([0-9a-f]+)\r\n/.exec(received.slice(at, at + 20)) ?? []
    if (line === undefined || digits === undefined)
      throw new Error(`No chunk begins at ${at}: ${received.slice(at, at + 20)}`)
    const from = at + line.length
    const to = from + Number.parseInt(digits, 16)
    if (received.slice(to, to + 2) !== '\r\n') throw new Error(`The chunk at ${at} is not as long as it says.`)
    at = to + 2
    if (to === from) return { chunks, isWhole: true, rest: received.slice(at) }
    chunks.push(Buffer.from(received.slice(from, to), 'latin1').toString('utf8'))
  }
  return { chunks, isWhole: false, rest: '' }
}

export interface ChunkedBody {
  readonly chunks: readonly string[]
  readonly isWhole: boolean
  readonly rest: string
}
