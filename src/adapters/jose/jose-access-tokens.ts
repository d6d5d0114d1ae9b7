import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import type { Clock } from '../../core/clock.ts'
import { isJsonObject, type JsonObject } from '../../core/json-object.ts'
import { newSecret } from '../../core/secrets.ts'
import {
  type AccessClaims,
  type AccessTokens,
  type KeyRing,
  type SigningAlgorithm,
  signingAlgorithms,
} from '../../ports/access-tokens.ts'
import { readOwnHeader } from './own-header.ts'

export interface JoseAccessTokensOptions {
  readonly keys: KeyRing
  /** `iss`: names the installation. Must not change when only the port does, or every token given out dies. */
  readonly issuer: string
  /** `aud`: who is to read the tokens. */
  readonly audience: string
  readonly clock: Clock
  /** How long a token is good for, in ms (10 minutes). */
  readonly lifetimeMs?: number
}

const type = 'at+jwt'

/** RFC 9068 §2.2 asks for the client that a token was given to: there is one, this server's own API. */
const clientId = 'millrace'

/** How far apart the clocks of two machines may be, in seconds. */
const clockTolerance = 10

const requiredClaims = ['iss', 'aud', 'sub', 'client_id', 'sid', 'gen', 'jti', 'iat', 'exp']

/** More than are in use at any time; those that were not used lately make room. */
const importedKeys = 16

interface ImportedKey {
  readonly algorithm: SigningAlgorithm
  readonly key: KeyObject
}

/** Access tokens (RFC 9068) by the keys of the ring. Everything that a token may say of its own checking is pinned here. */
export function joseAccessTokens({ keys, issuer, audience, clock, lifetimeMs }: JoseAccessTokensOptions): AccessTokens {
  const lifetimeSeconds = Math.floor((lifetimeMs ?? 10 * 60 * 1000) / 1000)
  const privateKey = remembered(createPrivateKey)
  const publicKey = remembered(createPublicKey)

  return {
    async issue({ userId, sessionId, generation }) {
      const { kid, privateJwk } = await keys.active()
      const { algorithm, key } = privateKey(privateJwk)
      const issuedAt = Math.floor(clock.now() / 1000)
      const expiresAt = issuedAt + lifetimeSeconds
      const token = await new SignJWT({ client_id: clientId, sid: sessionId, gen: generation })
        .setProtectedHeader({ alg: algorithm, typ: type, kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setJti(newSecret(16))
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(key)
      return { token, expiresAt: expiresAt * 1000 }
    },

    async verify(token) {
      const header = readOwnHeader(token, type)
      const publicJwk = header === null ? null : await keys.find(header.kid)
      if (header === null || publicJwk === null) return null
      const { algorithm, key } = publicKey(publicJwk)
      if (header.alg !== algorithm) return null
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [algorithm],
          typ: type,
          issuer,
          audience,
          requiredClaims,
          maxTokenAge: lifetimeSeconds,
          clockTolerance,
          currentDate: new Date(clock.now()),
        })
        return toClaims(payload)
      } catch (error) {
        if (error instanceof errors.JOSEError) return null
        throw error
      }
    },
  }
}

/** Makes keys of JSON Web Keys, and remembers the last ones. */
function remembered(read: (input: { key: JsonObject; format: 'jwk' }) => KeyObject): (jwk: string) => ImportedKey {
  const known = new Map<string, ImportedKey>()
  return (text) => {
    const imported = known.get(text) ?? importKey(text, read)
    known.delete(text)
    known.set(text, imported)
    const [oldest] = known.keys()
    if (known.size > importedKeys && oldest !== undefined) known.delete(oldest)
    return imported
  }
}

function importKey(text: string, read: (input: { key: JsonObject; format: 'jwk' }) => KeyObject): ImportedKey {
  const jwk: unknown = JSON.parse(text)
  const algorithm = isJsonObject(jwk) ? signingAlgorithms.find((name) => name === jwk['alg']) : undefined
  if (!isJsonObject(jwk) || algorithm === undefined) throw new TypeError('A key of the ring is of no kind known here.')
  return { algorithm, key: read({ key: jwk, format: 'jwk' }) }
}

function toClaims({ sub, client_id: client, sid, gen, jti, iat, exp }: JWTPayload): AccessClaims | null {
  if (client !== clientId || typeof sub !== 'string' || typeof sid !== 'string') return null
  if (typeof jti !== 'string' || typeof gen !== 'number' || iat === undefined || exp === undefined) return null
  return { sub, sid, gen, jti, iat, exp }
}
