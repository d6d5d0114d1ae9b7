import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Frame } from '../operation.ts'

/** How the bytes of an event stream get into the answer. */
export interface SseOutput {
  /** A frame as an event, made once for all who have this way. */
  encodeFrame(frame: Frame): Buffer
  encodeText(text: string): Buffer
  /** How many bytes wait for the client. */
  readonly waiting: number
  write(bytes: Buffer): void
  /** Calls back when all that was written has been handed to the system, or the connection is closed. */
  whenTaken(onTaken: () => void): void
  /** Ends the answer after these bytes. */
  end(bytes: Buffer): void
}

/** The way for an answer whose head has been prepared, but not sent. */
export function openSseOutput(response: ServerResponse): SseOutput {
  const { socket } = response
  // HTTP/1.0 has no chunks, and a request that came behind another on its connection has no socket yet.
  return socket !== null && response.chunkedEncoding ? new ChunkedOutput(response, socket) : new PlainOutput(response)
}

/**
 * Writes ready chunks of HTTP/1.1 (RFC 9112 section 7.1) to the socket, past the response: it would frame the same bytes
 * for each client anew, in five writes. Node keeps written text for the end of the turn, so that nothing but the head and
 * the end may go through the response, or the order is lost.
 */
class ChunkedOutput implements SseOutput {
  readonly #response: ServerResponse
  readonly #socket: Socket
  #hasSentHead = false

  constructor(response: ServerResponse, socket: Socket) {
    this.#response = response
    this.#socket = socket
  }

  get waiting(): number {
    return this.#socket.writableLength
  }

  encodeFrame(frame: Frame): Buffer {
    return frame.encoded(chunkOf)
  }

  encodeText(text: string): Buffer {
    return chunk(text)
  }

  write(bytes: Buffer): void {
    if (this.#hasSentHead) return void this.#socket.write(bytes)
    this.#hasSentHead = true
    this.#socket.cork()
    this.#response.flushHeaders()
    this.#socket.write(bytes)
    this.#socket.uncork()
  }

  whenTaken(onTaken: () => void): void {
    this.#socket.write('', 'latin1', onTaken)
  }

  end(bytes: Buffer): void {
    this.#socket.cork()
    this.write(bytes)
    // Takes the cork out.
    this.#response.end()
  }
}

/** Leaves the framing to the response. */
class PlainOutput implements SseOutput {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  get waiting(): number {
    return this.#response.writableLength
  }

  encodeFrame(frame: Frame): Buffer {
    return frame.encoded(bytesOf)
  }

  encodeText(text: string): Buffer {
    return Buffer.from(text)
  }

  write(bytes: Buffer): void {
    this.#response.write(bytes)
  }

  whenTaken(onTaken: () => void): void {
    this.#response.write('', 'latin1', onTaken)
  }

  end(bytes: Buffer): void {
    this.#response.end(bytes)
  }
}

/** Only what is in the log carries an id: a client comes back with the last one that it saw. */
function eventOf({ cursor, payload }: Frame): string {
  return `id: ${cursor}\nevent: next\ndata: ${payload}\n\n`
}

function bytesOf(frame: Frame): Buffer {
  return Buffer.from(eventOf(frame))
}

function chunkOf(frame: Frame): Buffer {
  return chunk(eventOf(frame))
}

function chunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)
}
