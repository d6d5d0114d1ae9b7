import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { joseAccessTokens, type JoseAccessTokensOptions } from '../../src/adapters/jose/jose-access-tokens.ts'
import { deriveKey, newSecret, sha256 } from '../../src/core/secrets.ts'

let now = Date.UTC(2026, 10, 22)
const clock = { now: () => now }
const options: JoseAccessTokensOptions = {
  secret: 'r'.repeat(32),
  issuer: 'https://mill.example',
  audience: 'mill',
  clock,
}
const subject = { userId: 'usr_1', sessionId: 'ses_1' }

const tokens = await joseAccessTokens(options)
const issued = await tokens.issue(subject)
const [header64 = '', payload64 = '', signature64 = ''] = issued.token.split('.')
const header = decode(header64)
const payload = decode(payload64)

type Json = Record<string, unknown>

function decode(part: string): Json {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Json // a part of our own token
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The server's own key, as a thief of the root secret would have it. Kept here to sign what the server never would. */
function serverKey(): KeyObject {
  const seed = deriveKey(options.secret, 'access tokens, Ed25519, 1')
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

const key = serverKey()
const publicKey = createPublicKey(key)
const stranger = generateKeyPairSync('ed25519')

/** RFC 7638: the required members in order, hashed. */
function thumbprint(key: KeyObject): string {
  const { crv, kty, x } = key.export({ format: 'jwk' })
  return sha256(JSON.stringify({ crv, kty, x }))
}

/** A token with those changes, signed by whoever. */
function forge(changes: { header?: Json; payload?: Json; key?: KeyObject }): string {
  const input = `${encode({ ...header, ...changes.header })}.${encode({ ...payload, ...changes.payload })}`
  return `${input}.${sign(null, Buffer.from(input), changes.key ?? key).toString('base64url')}`
}

function hs256(secret: string | Buffer): string {
  const input = `${encode({ ...header, alg: 'HS256' })}.${payload64}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

describe('an access token', () => {
  it('is an EdDSA at+jwt with ten minutes to live, and our own verify takes it', async () => {
    expect(header).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: thumbprint(publicKey) })
    const seconds = now / 1000
    expect(payload).toEqual({
      iss: 'https://mill.example',
      aud: 'mill',
      sub: 'usr_1',
      sid: 'ses_1',
      jti: payload['jti'],
      iat: seconds,
      exp: seconds + 600,
    })
    expect(payload['jti']).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(issued.expiresAt).toBe(now + 600_000)
    expect(await tokens.verify(issued.token)).toEqual({
      sub: 'usr_1',
      sid: 'ses_1',
      jti: payload['jti'],
      iat: seconds,
      exp: seconds + 600,
    })
  })

  it('has an id of its own each time', async () => {
    const other = await tokens.issue(subject)
    expect(decode(other.token.split('.')[1] ?? '')['jti']).not.toBe(payload['jti'])
  })

  it('is good for another process with the same secret, and for nobody with another', async () => {
    const twin = await joseAccessTokens(options)
    expect(await twin.verify(issued.token)).toMatchObject({ sub: 'usr_1' })
    for (const change of [{ secret: 'q'.repeat(32) }, { issuer: 'https://other.example' }, { audience: 'other' }]) {
      const other = await joseAccessTokens({ ...options, ...change })
      expect(await other.verify(issued.token)).toBeNull()
    }
  })

  it('ends with its time, ten seconds of clock difference allowed', async () => {
    const start = now
    try {
      now = start + 609_999
      expect(await tokens.verify(issued.token)).not.toBeNull()
      now = start + 611_000
      expect(await tokens.verify(issued.token)).toBeNull()
      now = start - 10_000
      expect(await tokens.verify(issued.token)).not.toBeNull()
      now = start - 12_000
      expect(await tokens.verify(issued.token)).toBeNull()
    } finally {
      now = start
    }
  })

  it('signs as the attack table below signs', async () => {
    expect(await tokens.verify(forge({}))).not.toBeNull()
  })

  const pem = publicKey.export({ format: 'pem', type: 'spki' })
  const strangerJwk = stranger.publicKey.export({ format: 'jwk' })
  const attacks: Readonly<Record<string, string>> = {
    'nothing at all': '',
    'alg none without a signature': `${encode({ ...header, alg: 'none' })}.${payload64}.`,
    'alg none with our signature': `${encode({ ...header, alg: 'none' })}.${payload64}.${signature64}`,
    'HS256 with the public key in PEM': hs256(pem),
    'HS256 with the public key in DER': hs256(publicKey.export({ format: 'der', type: 'spki' })),
    'HS256 with the raw public key': hs256(Buffer.from(String(publicKey.export({ format: 'jwk' })['x']), 'base64url')),
    'another algorithm name for our key': forge({ header: { alg: 'Ed25519' } }),
    "a stranger's key": forge({ key: stranger.privateKey }),
    "a stranger's key, embedded as jwk": forge({ key: stranger.privateKey, header: { jwk: strangerJwk } }),
    'our key and an embedded jwk': forge({ header: { jwk: strangerJwk } }),
    'a jku': forge({ header: { jku: 'https://evil.example/jwks' } }),
    'an x5u': forge({ header: { x5u: 'https://evil.example/cert' } }),
    'an x5c': forge({ header: { x5c: ['AAAA'] } }),
    'a crit header': forge({ header: { crit: ['exp'], exp: 1 } }),
    'an unencoded payload': forge({ header: { b64: false, crit: ['b64'] } }),
    'an unknown kid': forge({ header: { kid: 'other' } }),
    'no kid': forge({ header: { kid: undefined } }),
    'a kid that is a path': forge({ header: { kid: '../../etc/passwd' } }),
    'typ JWT': forge({ header: { typ: 'JWT' } }),
    'typ of another kind of token of ours': forge({ header: { typ: 'verify-email+jwt' } }),
    'no typ': forge({ header: { typ: undefined } }),
    'another issuer': forge({ payload: { iss: 'https://evil.example' } }),
    'no issuer': forge({ payload: { iss: undefined } }),
    'another audience': forge({ payload: { aud: 'other' } }),
    'no audience': forge({ payload: { aud: undefined } }),
    'an expiry in the past': forge({ payload: { exp: now / 1000 - 11 } }),
    'no expiry': forge({ payload: { exp: undefined } }),
    'an expiry that is text': forge({ payload: { exp: String(now) } }),
    'issued in the future': forge({ payload: { iat: now / 1000 + 60 } }),
    'issued long ago with a late expiry': forge({ payload: { iat: now / 1000 - 86_400, exp: now / 1000 + 86_400 } }),
    'not valid yet': forge({ payload: { nbf: now / 1000 + 60 } }),
    'no subject': forge({ payload: { sub: undefined } }),
    'no session': forge({ payload: { sid: undefined } }),
    'a session that is no text': forge({ payload: { sid: ['ses_1'] } }),
    'no id': forge({ payload: { jti: undefined } }),
    'another subject under our signature': `${header64}.${encode({ ...payload, sub: 'usr_2' })}.${signature64}`,
    'padding on the signature': `${issued.token}==`,
    'padding on the payload': `${header64}.${payload64}=.${signature64}`,
    'stray last bits in the signature': `${header64}.${payload64}.${signature64.slice(0, -1)}${strayBits(signature64)}`,
    'the plain base64 alphabet': `${header64}.${payload64}.${'+/'.repeat(43)}`,
    'white space around it': ` ${issued.token}\n`,
    'a cut signature': issued.token.slice(0, -2),
    'no signature': `${header64}.${payload64}`,
    'an empty signature': `${header64}.${payload64}.`,
    'a fourth part': `${issued.token}.x`,
    'a header that is no JSON': `${Buffer.from('{').toString('base64url')}.${payload64}.${signature64}`,
    'a header that is a list': `${encode(['EdDSA'])}.${payload64}.${signature64}`,
    'a header that is null': `${encode(null)}.${payload64}.${signature64}`,
    'a payload that is a list': signed(header64, encode([1])),
    'a payload that is no JSON': signed(header64, Buffer.from('nope').toString('base64url')),
    'a megabyte': `${header64}.${'A'.repeat(1_000_000)}.${signature64}`,
    'a megabyte of dots': '.'.repeat(1_000_000),
    'random bytes': newSecret(300),
  }

  function signed(head: string, body: string): string {
    return `${head}.${body}.${sign(null, Buffer.from(`${head}.${body}`), key).toString('base64url')}`
  }

  /** The same 64 bytes to a lenient decoder: the last character has four bits that stand for nothing. */
  function strayBits(signature: string): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return alphabet[alphabet.indexOf(signature.slice(-1)) + 1] ?? ''
  }

  it.each(Object.entries(attacks))('is refused with %s', async (_attack, token) => {
    expect(await tokens.verify(token)).toBeNull()
  })
})
