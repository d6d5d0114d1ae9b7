import { createHmac } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const stepMs = 30_000

/** The code that an authenticator app with the secret (base 32) shows at that time (RFC 6238), made without any library. */
export function codeAt(secret: string, ms: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(ms / stepMs)))
  const digest = createHmac('sha1', bytesOf(secret)).update(counter).digest()
  const offset = digest.readUInt8(19) & 15
  return String((digest.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0')
}

/** Some code that it shows neither then nor a step before or after. */
export function wrongCodeAt(secret: string, ms: number): string {
  const right = [-stepMs, 0, stepMs].map((away) => codeAt(secret, ms + away))
  const wrong = ['000000', '000001', '000002', '000003'].find((code) => !right.includes(code))
  return wrong ?? '000004'
}

/** RFC 4648 §6. */
export function bytesOf(base32: string): Buffer {
  const bits = Array.from(base32, (character) => alphabet.indexOf(character).toString(2).padStart(5, '0')).join('')
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [])
}

export function base32Of(bytes: Buffer): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits.replaceAll(/.{5}/g, (five) => alphabet.charAt(Number.parseInt(five, 2)))
}
