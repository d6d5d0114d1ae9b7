import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import type { Clock } from '../../core/clock.ts'
import { deriveKey, newSecret } from '../../core/secrets.ts'
import type { AccessClaims, AccessTokens } from '../../ports/access-tokens.ts'

export interface JoseAccessTokensOptions {
  /** The root secret of the installation; the signing key is derived from it. */
  readonly secret: string
  /** `iss`: names the installation. Must not change when only the port does, or every token given out dies. */
  readonly issuer: string
  /** `aud`: who is to read the tokens. */
  readonly audience: string
  readonly clock: Clock
  /** How long a token is good for, in ms (10 minutes). */
  readonly lifetimeMs?: number
}

const algorithm = 'EdDSA'
const type = 'at+jwt'

/** How far apart the clocks of two machines may be, in seconds. */
const clockTolerance = 10

/** Our own tokens have about 450 characters. */
const maxLength = 1024

/** Three parts of base64url without padding; an Ed25519 signature has 86 characters. */
const shape = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/

/** Access tokens (RFC 9068) signed with Ed25519. Everything that a token may say of its own checking is pinned here. */
export async function joseAccessTokens(options: JoseAccessTokensOptions): Promise<AccessTokens> {
  const { issuer, audience, clock } = options
  const lifetimeSeconds = Math.floor((options.lifetimeMs ?? 10 * 60 * 1000) / 1000)
  const privateKey = ed25519Key(deriveKey(options.secret, 'access tokens, Ed25519, 1'))
  const publicKey = createPublicKey(privateKey)
  const kid = await calculateJwkThumbprint(publicKey)

  return {
    async issue({ userId, sessionId, generation }) {
      const issuedAt = Math.floor(clock.now() / 1000)
      const expiresAt = issuedAt + lifetimeSeconds
      const token = await new SignJWT({ sid: sessionId, gen: generation })
        .setProtectedHeader({ alg: algorithm, typ: type, kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setJti(newSecret(16))
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(privateKey)
      return { token, expiresAt: expiresAt * 1000 }
    },

    async verify(token) {
      if (!hasOurForm(token, kid)) return null
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: [algorithm],
          typ: type,
          issuer,
          audience,
          requiredClaims: ['iss', 'aud', 'sub', 'sid', 'gen', 'jti', 'iat', 'exp'],
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

/** An Ed25519 private key from its 32 bytes, by way of PKCS #8 (RFC 8410 §7). */
function ed25519Key(seed: Buffer): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

/**
 * Whether the token is written as we write ours: canonical base64url (decoders also take padding and stray last bits), and a
 * header with our three fields and nothing else, so no `jwk`, `jku`, `x5u`, `x5c`, `crit` or `b64` (RFC 8725 §3.10).
 */
function hasOurForm(token: string, kid: string): boolean {
  if (token.length > maxLength) return false
  const [, ...parts] = shape.exec(token) ?? []
  const [header] = parts
  if (header === undefined || !parts.every(isCanonical)) return false
  const fields = readJson(header)
  if (typeof fields !== 'object' || fields === null) return false
  const expected = { alg: algorithm, kid, typ: type }
  const entries = Object.entries(fields)
  return (
    entries.length === 3 &&
    Object.entries(expected).every(([name, value]) => entries.some(([n, v]) => n === name && v === value))
  )
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

function toClaims({ sub, sid, gen, jti, iat, exp }: JWTPayload): AccessClaims | null {
  if (typeof sub !== 'string' || typeof sid !== 'string' || typeof jti !== 'string' || typeof gen !== 'number')
    return null
  if (iat === undefined || exp === undefined) return null
  return { sub, sid, gen, jti, iat, exp }
}
