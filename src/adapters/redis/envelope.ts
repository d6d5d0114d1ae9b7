import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'

/** Proves who may speak on a channel: HMAC-SHA-256 over its name and what is said there, 16 bytes of it in base64url. */
export type Prove = (channel: string, said: string | Buffer) => string

const proofBytes = 16
/** Of a proof and the end of its line. */
const proofLength = 23

export function createProver(key: Buffer): Prove {
  const secret = createSecretKey(key)
  return (channel, said) =>
    createHmac('sha256', secret)
      .update(`${channel.length} ${channel}\n`)
      .update(said)
      .digest()
      .toString('base64url', 0, proofBytes)
}

/**
 * What travels in one message of Redis: a line that proves the rest, one that names who says it, and a line of JSON for each
 * message of the bus.
 */
export function writeEnvelope(prove: Prove, channel: string, origin: string, texts: readonly string[]): string {
  const said = `${origin}\n${texts.join('\n')}`
  return `${prove(channel, said)}\n${said}`
}

export interface EnvelopeReaderOptions {
  readonly prove: Prove
  readonly origin: string
  /** Hears of each envelope that nobody with the key has written for the channel. */
  onForged(channel: string): void
}

/** Reads the lines of JSON in an envelope; `null` for one that is to be passed over: a forged one, and one of the origin's own. */
export type ReadEnvelope = (channel: string, envelope: Buffer) => readonly string[] | null

/** Of the origin's own no more is looked at than that they say so: they are not read. */
export function createEnvelopeReader({ prove, origin, onForged }: EnvelopeReaderOptions): ReadEnvelope {
  const own = Buffer.from(`${origin}\n`)
  return (channel, envelope) => {
    const said = envelope.subarray(proofLength)
    if (said.subarray(0, own.length).equals(own)) return null
    const proof = Buffer.from(`${prove(channel, said)}\n`)
    const isGenuine = envelope.length >= proofLength && timingSafeEqual(envelope.subarray(0, proofLength), proof)
    if (isGenuine) return said.toString('utf8').split('\n').slice(1)
    onForged(channel)
    return null
  }
}
