/** Of RFC 6455 section 5.2; only those that a server here sends. */
export const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const

/** A frame as it was read. */
export interface StrictFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** How many bytes the first frame has; of one whose length is not there yet, more than there are. */
export function frameSize(bytes: Buffer): number {
  const [, second = 0] = bytes
  const measured = bytes.length < 2 ? null : readLength(bytes, second & 127)
  return measured === null ? bytes.length + 1 : measured.head + measured.length
}

const known: readonly number[] = Object.values(opcodes)

/** The first frame of the bytes; `null` while it is not whole. Throws for what a server must not send. */
export function parseFrame(bytes: Buffer): (StrictFrame & { readonly size: number }) | null {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return null
  const opcode = first & 15
  if ((first & 0xf0) !== 0x80) throw new Error('A frame is not whole, or has reserved bits.')
  if (!known.includes(opcode)) throw new Error(`${opcode} is no opcode of ours.`)
  if ((second & 0x80) !== 0) throw new Error('A server must not mask.')
  if (opcode !== opcodes.text && second > 125) throw new Error('A control frame is too large.')
  const measured = readLength(bytes, second)
  if (measured === null) return null
  const { head, length } = measured
  if (bytes.length < head + length) return null
  const payload = bytes.subarray(head, head + length)
  // Throws for what is not UTF-8.
  if (opcode === opcodes.text) new TextDecoder('utf-8', { fatal: true }).decode(payload)
  return { opcode, payload, size: head + length }
}

function readLength(bytes: Buffer, short: number): { readonly head: number; readonly length: number } | null {
  if (short < 126) return { head: 2, length: short }
  const head = short === 126 ? 4 : 10
  if (bytes.length < head) return null
  const length = head === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (length < (head === 4 ? 126 : 65_536)) throw new Error('A length is not in its shortest form.')
  return { head, length }
}

const mask = Buffer.from([1, 2, 3, 4])

/** A frame as a client sends it, of at most 65,535 bytes. */
export function maskedFrame(payload: Buffer, opcode: number = opcodes.text): Buffer {
  const isShort = payload.length < 126
  const head = Buffer.from([0x80 | opcode, 0x80 | (isShort ? payload.length : 126)])
  const length = Buffer.alloc(isShort ? 0 : 2)
  if (!isShort) length.writeUInt16BE(payload.length)
  return Buffer.concat([head, length, mask, payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))])
}
