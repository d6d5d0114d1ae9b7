import type { Frame } from '../operation.ts'

/*
 * Frames are made as one-byte strings: each character stands for a byte, so that `length` counts bytes, what is shared is
 * joined without being copied, and the socket writes it as `latin1`.
 */

/** The text's UTF-8 bytes as characters. */
export function oneByteText(text: string): string {
  // Text of as many bytes as it has characters is ASCII.
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1')
}

/** The head of a whole, unmasked text frame (RFC 6455 section 5.2) for so many bytes. */
export function textFrameHeader(bytes: number): string {
  return frameHeader(0x81, bytes)
}

/** A whole message in one frame. */
export function textFrame(text: string): string {
  const bytes = oneByteText(text)
  return textFrameHeader(bytes.length) + bytes
}

/** A ping, or the answer to one: a frame with the payload, which is at most 125 bytes. */
export function controlFrame(type: 'ping' | 'pong', payload: Buffer): string {
  return frameHeader(type === 'ping' ? 0x89 : 0x8a, payload.length) + payload.toString('latin1')
}

function frameHeader(first: number, bytes: number): string {
  if (bytes < 126) return String.fromCharCode(first, bytes)
  if (bytes < 65_536) return String.fromCharCode(first, 126, bytes >>> 8, bytes & 255)
  // No string has 4 GiB, so that the upper half of the 64 bits is nought.
  return String.fromCharCode(
    first,
    127,
    0,
    0,
    0,
    0,
    bytes >>> 24,
    (bytes >>> 16) & 255,
    (bytes >>> 8) & 255,
    bytes & 255,
  )
}

/** What stands before the payload of each answer of an operation. */
export function answerPrefix(id: string): string {
  return oneByteText(`{"id":${JSON.stringify(id)},"type":"next","payload":`)
}

/** What stands in the frames of all sockets that are sent the same answer. */
export class SharedTail {
  readonly bytes: string
  #prefixLength = -1
  #header = ''

  constructor(payload: string) {
    this.bytes = `${oneByteText(payload)}}`
  }

  /** The head of the frame for a prefix of so many bytes: most clients have ids of one length. */
  headerFor(prefixLength: number): string {
    if (prefixLength !== this.#prefixLength) {
      this.#prefixLength = prefixLength
      this.#header = textFrameHeader(prefixLength + this.bytes.length)
    }
    return this.#header
  }
}

/** For `frame.encoded`. */
export function sharedTail(frame: Frame): SharedTail {
  return new SharedTail(frame.payload)
}
