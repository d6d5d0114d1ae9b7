import { createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** A new random secret of so many bytes (32 by default) in base64url. */
export function newSecret(bytes = 32): string {
  return randomBytes(bytes).toString('base64url')
}

/** SHA-256 of a text, in base64url. Fit for secrets of at least 112 random bits (ASVS 6.5.2), never for passwords. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** Compares two texts in a time that does not depend on where they differ. */
export function secretsEqual(a: string, b: string): boolean {
  const left = createHash('sha256').update(a).digest()
  const right = createHash('sha256').update(b).digest()
  return timingSafeEqual(left, right)
}

/** Derives an independent key of 32 bytes for one purpose from the installation's root secret (HKDF, RFC 5869). */
export function deriveKey(rootSecret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', rootSecret, 'millrace', purpose, 32))
}
