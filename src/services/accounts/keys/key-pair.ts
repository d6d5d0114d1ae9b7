import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { isJsonObject } from '../../../core/json-object.ts'
import { sha256 } from '../../../core/secrets.ts'
import { type SigningAlgorithm, signingAlgorithms, type SigningKeyPair } from '../../../ports/access-tokens.ts'

const generate = promisify(generateKeyPair)

type GenerateKeys = () => Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }>

const generators = {
  EdDSA: () => generate('ed25519'),
  ES256: () => generate('ec', { namedCurve: 'P-256' }),
} satisfies Record<SigningAlgorithm, GenerateKeys>

/** A public key as anybody may read it. `y` is there for ES256 only. */
export interface PublicJwk {
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly y?: string
  readonly kid: string
  readonly alg: SigningAlgorithm
  readonly use: 'sig'
}

/** A new pair of keys. */
export async function newKeyPair(algorithm: SigningAlgorithm): Promise<SigningKeyPair> {
  const { publicKey, privateKey } = await generators[algorithm]()
  const jwk = publicKey.export({ format: 'jwk' })
  const kid = thumbprint(jwk)
  return {
    kid,
    publicJwk: JSON.stringify(toPublicJwk({ ...jwk, kid, alg: algorithm })),
    privateJwk: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid, alg: algorithm }),
  }
}

/** Reads a public key as `newKeyPair` wrote it; nothing else of it comes along. Throws a `TypeError` for what is none. */
export function readPublicJwk(json: string): PublicJwk {
  const jwk: unknown = JSON.parse(json)
  if (!isJsonObject(jwk)) throw new TypeError('A public key is not a JSON object.')
  return toPublicJwk(jwk)
}

function toPublicJwk({ kty, crv, x, y, kid, alg }: Readonly<Record<string, unknown>>): PublicJwk {
  const algorithm = signingAlgorithms.find((name) => name === alg)
  if (algorithm === undefined || ![kty, crv, x, kid].every((member) => typeof member === 'string')) {
    throw new TypeError('A public key is not of a kind that signs access tokens.')
  }
  const known = { kty: String(kty), crv: String(crv), x: String(x) }
  return { ...known, ...(typeof y === 'string' ? { y } : {}), kid: String(kid), alg: algorithm, use: 'sig' }
}

/** RFC 7638 §3: the required members in the order of their names, hashed. */
function thumbprint({ crv, kty, x, y }: JsonWebKey): string {
  return sha256(JSON.stringify({ crv, kty, x, y }))
}
