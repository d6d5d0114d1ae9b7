import { eventMark, stampDigits } from '../system.ts'

/** Takes the bytes of a connection as they come. The buffer is another's after the call. */
export type Reader = (chunk: Buffer) => void

/** Hears of each mark of an event, in bytes that hold its time as well. */
export type OnEvent = (bytes: Buffer, at: number) => void

const nothing = Buffer.alloc(0)
const mark = Buffer.from(eventMark)
const wholeMark = mark.length + stampDigits

/** Finds events in a stream of bytes, wherever it was cut. */
export function createMarkReader(onEvent: OnEvent): Reader {
  let rest: Buffer = nothing
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (;;) {
      const at = bytes.indexOf(mark, from)
      if (at === -1 || bytes.length - at < wholeMark) {
        // What may become a mark is all that must be kept.
        const keep = at === -1 ? Math.max(from, bytes.length - mark.length + 1) : at
        rest = keep >= bytes.length ? nothing : Buffer.from(bytes.subarray(keep))
        return
      }
      onEvent(bytes, at)
      from = at + wholeMark
    }
  }
}

export interface FrameListener {
  /** A text message; its bytes are `bytes` from `start` to `end`. */
  text(bytes: Buffer, start: number, end: number): void
  ping(payload: Buffer): void
  close(code: number, reason: string): void
}

/** Reads the frames of a server (RFC 6455, 5.2): unmasked and, here, never fragmented. */
export function createFrameReader(listener: FrameListener): Reader {
  let rest: Buffer = nothing

  function hear(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode === 1) listener.text(bytes, start, end)
    else if (opcode === 9) listener.ping(bytes.subarray(start, end))
    else if (opcode === 8)
      listener.close(end > start ? bytes.readUInt16BE(start) : 1005, bytes.toString('utf8', start + 2, end))
  }

  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    for (;;) {
      const start = at + headerLength(bytes, at)
      if (bytes.length < at + 2 || bytes.length < start) break
      const end = start + payloadLength(bytes, at)
      if (bytes.length < end) break
      hear((bytes[at] ?? 0) & 0x0f, bytes, start, end)
      at = end
    }
    rest = at === bytes.length ? nothing : Buffer.from(bytes.subarray(at))
  }
}

function headerLength(bytes: Buffer, at: number): number {
  const short = bytes[at + 1] ?? 0
  if (short < 126) return 2
  return short === 126 ? 4 : 10
}

function payloadLength(bytes: Buffer, at: number): number {
  const short = bytes[at + 1] ?? 0
  if (short < 126) return short
  return short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
}

/** A message of a client as one frame, masked with zeros: what is masked with them stays as it is. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const length = payload.length
  if (length > 0xffff) throw new RangeError('A client of the benchmark sends no such long messages.')
  const isShort = length < 126
  const header = Buffer.alloc(isShort ? 6 : 8)
  header[0] = 0x80 | opcode
  header[1] = 0x80 | (isShort ? length : 126)
  if (!isShort) header.writeUInt16BE(length, 2)
  return Buffer.concat([header, payload])
}
