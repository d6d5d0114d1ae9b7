import { type Greeting, resumeMark } from '../system.ts'
import { openConnection } from './connection.ts'
import type { OnEvent, Reader } from './readers.ts'
import { readSse, readWebSocket } from './stream-readers.ts'
import { count, type Tally } from './tally.ts'

export interface Subscriber {
  /** Resolves when it listens. Rejects when it is turned away. */
  readonly ready: Promise<void>
  /** How many events it has received. */
  readonly received: number
  readonly isOpen: boolean
  /** The port of its own end. */
  readonly localPort?: number | undefined
  /** Reads nothing any more. */
  stall(): void
  /** Who polls does not ask again, until `goOn()` is called. */
  hold?(): void
  goOn?(): void
  close(): void
}

export interface SubscriberOptions {
  readonly port: number
  readonly greeting: Greeting
  readonly tally: Tally
  /** Where to come back to; `null` for who is new. */
  readonly after: string | null
  /** Called when the server ends it. */
  onLost(reason: string): void
  /** Hears the bytes as they come, if it is there. */
  readonly onBytes?: (bytes: Buffer) => void
}

const endOfHead = Buffer.from('\r\n\r\n')

/** A client of a stream that counts what it receives and understands nothing of it. */
export function openSubscriber({ port, greeting, tally, after, onLost, onBytes }: SubscriberOptions): Subscriber {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  const extensions = after === null ? '{}' : JSON.stringify({ resume: { after } })
  const isWebSocket = greeting.transport === 'ws'
  let received = 0
  let isStalled = false
  let isClosing = false

  const onEvent: OnEvent = (bytes, at) => {
    received += 1
    count(tally, bytes, at)
  }

  let read: Reader = (chunk) => {
    const end = chunk.indexOf(endOfHead)
    const isTaken = chunk.toString('latin1', 9, 12) === (isWebSocket ? '101' : '200')
    if (end === -1 || !isTaken)
      return reject(new Error(`A client was turned away: ${chunk.toString('latin1', 0, 400)}`))
    const listener = { onEvent, onLost, onReady: resolve }
    read = isWebSocket ? readWebSocket(greeting, extensions, socket, listener) : readSse(greeting, listener)
    read(isWebSocket ? chunk.subarray(end + endOfHead.length) : chunk)
  }

  const socket = openConnection(port, {
    bytes(chunk) {
      onBytes?.(chunk)
      read(chunk)
      return !isStalled
    },
    closed(reason) {
      reject(new Error(`A client lost its connection before it listened: ${reason}`))
      if (!isClosing) onLost(reason)
    },
  })
  socket.write(requestOf(greeting.head, extensions))

  return {
    ready,
    get received() {
      return received
    },
    get isOpen() {
      return !socket.destroyed
    },
    get localPort() {
      return socket.localPort
    },
    stall() {
      isStalled = true
      socket.pause()
    },
    close() {
      isClosing = true
      socket.destroy()
    },
  }
}

/** The request with its place, and the length of its body. */
export function requestOf(head: string, extensions: string): string {
  const request = head.replace(resumeMark, extensions)
  const body = request.slice(request.indexOf('\r\n\r\n') + endOfHead.length)
  return request.replace('@length@', String(Buffer.byteLength(body)))
}
