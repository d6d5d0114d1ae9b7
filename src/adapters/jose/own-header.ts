import { isJsonObject } from '../../core/json-object.ts'
import { type SigningAlgorithm, signingAlgorithms } from '../../ports/access-tokens.ts'

/** What the header of a token of ours says: with which key it is signed, and how. */
export interface OwnHeader {
  readonly alg: SigningAlgorithm
  readonly kid: string
}

/** Our own tokens have about 450 characters. */
const maxLength = 1024

/** Three parts of base64url without padding; a signature of Ed25519 or of P-256 has 64 bytes, which are 86 characters. */
const shape = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/

/** A SHA-256 in base64url, as RFC 7638 makes it. */
const thumbprint = /^[A-Za-z0-9_-]{43}$/

/**
 * The header of a token that is written as we write ours; `null` for every other text. That is canonical base64url (decoders
 * also take padding and stray last bits), and a header with our three fields and nothing else, so no `jwk`, `jku`, `x5u`,
 * `x5c`, `crit` or `b64` (RFC 8725 §3.10).
 */
export function readOwnHeader(token: string, type: string): OwnHeader | null {
  if (token.length > maxLength) return null
  const [, ...parts] = shape.exec(token) ?? []
  const [header] = parts
  if (header === undefined || !parts.every(isCanonical)) return null
  const fields = readJson(header)
  if (!isJsonObject(fields) || Object.keys(fields).length !== 3 || fields['typ'] !== type) return null
  const { alg, kid } = fields
  const algorithm = signingAlgorithms.find((name) => name === alg)
  if (algorithm === undefined || typeof kid !== 'string' || !thumbprint.test(kid)) return null
  return { alg: algorithm, kid }
}

function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part
}

function readJson(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}
