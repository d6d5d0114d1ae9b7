import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { idPrefixes, newId } from '../../../core/ids.ts'
import { sha256 } from '../../../core/secrets.ts'

/** What every API key starts with. */
export const apiKeyPrefix = 'mr_'

/** A new key: the text that its owner gets, once, and what is stored of it. */
export interface NewApiKey {
  readonly id: string
  readonly text: string
  readonly secretHash: string
  readonly lastFour: string
}

/**
 * `mr_<live|test>_<id>_<secret><checksum>`, 75 characters, all of them lower case letters and digits between underscores:
 * the id without its prefix, 160 random bits in base 32, and the CRC-32 of everything before it in hexadecimal, so that a
 * typing error costs no look-up, and scanners know a key when they see one.
 */
const shape = /^mr_(live|test)_([0-7][0-9a-hjkmnp-tv-z]{25})_([0-9a-hjkmnp-tv-z]{32})([0-9a-f]{8})$/

const length = 75

/** Crockford's, as in ids. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

const secretLength = 32

/** A new key of a production or another installation. */
export function newApiKey(production: boolean): NewApiKey {
  const id = newId('apiKey')
  // 256 is a multiple of 32: every character is as likely as any other.
  const secret = Array.from(randomBytes(secretLength), (byte) => alphabet.charAt(byte % alphabet.length)).join('')
  const unchecked = `${apiKeyPrefix}${environment(production)}_${id.slice(idPrefixes.apiKey.length + 1)}_${secret}`
  const text = unchecked + checksum(unchecked)
  return { id, text, secretHash: sha256(secret), lastFour: text.slice(-4) }
}

/** The id and the secret in a key's text; `null` for a text that is no key of such an installation, or not as it was given out. */
export function parseApiKey(
  text: string,
  production: boolean,
): { readonly id: string; readonly secret: string } | null {
  const [, kind, id, secret, sum] = text.length === length ? (shape.exec(text) ?? []) : []
  if (id === undefined || secret === undefined || kind !== environment(production)) return null
  if (sum !== checksum(text.slice(0, -8))) return null
  return { id: `${idPrefixes.apiKey}_${id}`, secret }
}

function environment(production: boolean): 'live' | 'test' {
  return production ? 'live' : 'test'
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
