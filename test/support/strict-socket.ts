import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { frameSize, maskedFrame, opcodes, parseFrame, type StrictFrame } from './websocket-frames.ts'

/** A WebSocket client that takes nothing but whole, unmasked frames in their shortest form (RFC 6455 section 5.2). */
export interface StrictSocket extends Disposable {
  readonly socket: Socket
  /** The next frame; throws for what is none, and when the connection ends before. */
  next(): Promise<StrictFrame>
  /** The next text as JSON; throws for any other frame, pings but those aside. */
  nextMessage(): Promise<unknown>
  /** Sends a masked frame. */
  send(payload: string | Buffer, opcode?: number): void
  /** Sends bytes as they are. */
  write(bytes: Buffer): void
  /** Reads at least so many bytes more than have come so far, and stops to read. Ends when the connection is closed. */
  take(bytes: number): Promise<void>
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>
}

/** Opens a connection and shakes hands. `url` is that of `/graphql`. */
export async function openStrictSocket(url: string): Promise<StrictSocket> {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  socket.on('error', () => undefined)
  let buffer: Buffer = Buffer.alloc(0)
  let chunks: Buffer[] = []
  let gathered = 0
  let wanted = 1
  let total = 0
  let hasEnded = false
  let wake = () => undefined as void
  socket.on('data', (chunk: Buffer) => {
    total += chunk.length
    gathered += chunk.length
    chunks.push(chunk)
    if (buffer.length + gathered >= wanted) wake()
  })
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      hasEnded = true
      wake()
      resolve()
    })
  })

  async function read<Found>(find: () => Found | null): Promise<Found> {
    for (;;) {
      buffer = Buffer.concat([buffer, ...chunks])
      chunks = []
      gathered = 0
      const found = find()
      if (found !== null) return found
      if (hasEnded) throw new Error('The connection was closed.')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  const nextFrame = () =>
    read(() => {
      const frame = parseFrame(buffer)
      wanted = frame === null ? frameSize(buffer) : 1
      if (frame === null) return null
      buffer = buffer.subarray(frame.size)
      return frame
    })

  await once(socket, 'connect')
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
  )
  const head = await read(() => {
    const end = buffer.indexOf('\r\n\r\n')
    if (end === -1) return null
    const found = buffer.subarray(0, end).toString('latin1')
    buffer = buffer.subarray(end + 4)
    return found
  })
  if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`The server answered ${head}`)

  return {
    socket,
    closed,
    next: nextFrame,
    async nextMessage() {
      for (;;) {
        const { opcode, payload } = await nextFrame()
        if (opcode === opcodes.text) return JSON.parse(payload.toString('utf8')) as unknown
        if (opcode !== opcodes.ping) throw new Error(`A frame of opcode ${opcode} came instead of a message.`)
      }
    },
    async take(bytes) {
      const enough = total + bytes
      socket.resume()
      while (total < enough && !hasEnded) await Promise.race([once(socket, 'data'), closed])
      socket.pause()
    },
    send: (payload, opcode = opcodes.text) => void socket.write(maskedFrame(Buffer.from(payload), opcode)),
    write: (bytes) => void socket.write(bytes),
    [Symbol.dispose]: () => void socket.destroy(),
  }
}
