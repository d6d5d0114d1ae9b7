import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { calculateJwkThumbprint, compactVerify, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { joseAccessTokens } from '../../src/adapters/jose/jose-access-tokens.ts'
import { newSecret } from '../../src/core/secrets.ts'
import {
  type AccessClaims,
  type KeyRing,
  type SigningAlgorithm,
  signingAlgorithms,
  type SigningKeyPair,
} from '../../src/ports/access-tokens.ts'
import { newKeyPair } from '../../src/services/accounts/keys/key-pair.ts'

type Json = Record<string, unknown>

let now = Date.UTC(2026, 10, 22)
const clock = { now: () => now }
const options = { issuer: 'https://mill.example', audience: 'mill', clock }
const subject = { userId: 'usr_1', sessionId: 'ses_1', generation: 3 }

/** Keys in memory: the first signs, all of them verify. */
function ringOf(...keys: readonly [SigningKeyPair, ...SigningKeyPair[]]): KeyRing {
  return {
    active: async () => keys[0],
    find: async (kid) => keys.find((key) => key.kid === kid)?.publicJwk ?? null,
  }
}

function decode(part: string): Json {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Json // a part of our own token
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function privateKeyOf(pair: SigningKeyPair): KeyObject {
  return createPrivateKey({ key: JSON.parse(pair.privateJwk) as Json, format: 'jwk' }) // as it was made
}

function signature(algorithm: SigningAlgorithm, input: string, key: KeyObject): string {
  const data = Buffer.from(input)
  const bytes = algorithm === 'EdDSA' ? sign(null, data, key) : sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
  return bytes.toString('base64url')
}

describe.each(signingAlgorithms)('an access token signed with %s', async (algorithm) => {
  const pair = await newKeyPair(algorithm)
  const stranger = await newKeyPair(algorithm)
  const other = await newKeyPair(algorithm === 'EdDSA' ? 'ES256' : 'EdDSA')
  const tokens = joseAccessTokens({ ...options, keys: ringOf(pair, other) })
  const issued = await tokens.issue(subject)
  const [header64 = '', payload64 = '', signature64 = ''] = issued.token.split('.')
  const header = decode(header64)
  const payload = decode(payload64)
  const key = privateKeyOf(pair)
  const publicKey = createPublicKey(key)

  /** A token with those changes, signed by whoever; with our own key, as a thief of it would sign what the server never would. */
  function forge(changes: { header?: Json; payload?: Json; by?: SigningKeyPair; as?: SigningAlgorithm }): string {
    const input = `${encode({ ...header, ...changes.header })}.${encode({ ...payload, ...changes.payload })}`
    return `${input}.${signature(changes.as ?? algorithm, input, privateKeyOf(changes.by ?? pair))}`
  }

  function hs256(secret: string | Buffer): string {
    const input = `${encode({ ...header, alg: 'HS256' })}.${payload64}`
    // As long as a signature of ours, so that its length is not what gives it away.
    const mac = createHmac('sha256', secret).update(input).digest()
    return `${input}.${Buffer.concat([mac, mac]).toString('base64url')}`
  }

  it('is an at+jwt of RFC 9068 with ten minutes to live, and our own verify takes it', async () => {
    expect(header).toEqual({ alg: algorithm, typ: 'at+jwt', kid: pair.kid })
    const seconds = now / 1000
    const claims: AccessClaims = {
      sub: 'usr_1',
      sid: 'ses_1',
      gen: 3,
      jti: String(payload['jti']),
      iat: seconds,
      exp: seconds + 600,
    }
    expect(payload).toEqual({ ...claims, iss: 'https://mill.example', aud: 'mill', client_id: 'millrace' })
    expect(payload['jti']).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(issued.expiresAt).toBe(now + 600_000)
    expect(await tokens.verify(issued.token)).toEqual(claims)
  })

  it('is what the published key says to anybody', async () => {
    const expected = { issuer: options.issuer, audience: options.audience, typ: 'at+jwt', currentDate: new Date(now) }
    expect((await jwtVerify(issued.token, publicKey, expected)).payload.sub).toBe('usr_1')
  })

  it('has an id of its own each time', async () => {
    const again = await tokens.issue(subject)
    expect(decode(again.token.split('.')[1] ?? '')['jti']).not.toBe(payload['jti'])
  })

  it('is good wherever the key is known, and nowhere else', async () => {
    const later = joseAccessTokens({ ...options, keys: ringOf(stranger, pair) })
    expect(await later.verify(issued.token)).toMatchObject({ sub: 'usr_1' })
    for (const change of [
      { keys: ringOf(stranger, other) },
      { keys: ringOf(pair), issuer: 'https://other.example' },
      { keys: ringOf(pair), audience: 'other' },
    ]) {
      const elsewhere = joseAccessTokens({ ...options, ...change })
      expect(await elsewhere.verify(issued.token)).toBeNull()
    }
  })

  it('is signed by the active key, whichever that is at the moment, and verified by its own', async () => {
    let active = pair
    const keys = ringOf(pair, stranger, other)
    const changing = joseAccessTokens({ ...options, keys: { ...keys, active: async () => active } })
    for (active of [pair, stranger, other, pair]) {
      const { token } = await changing.issue(subject)
      expect(decode(token.split('.')[0] ?? '')['kid']).toBe(active.kid)
      expect(await changing.verify(token)).toMatchObject({ sub: 'usr_1' })
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

  it('asks for no key of the ring when it is not written as ours are', async () => {
    const asked: string[] = []
    const keys: KeyRing = {
      active: async () => pair,
      async find(kid) {
        asked.push(kid)
        return null
      },
    }
    const watched = joseAccessTokens({ ...options, keys })
    for (const kid of ['', '../../etc/passwd', "' or 1=1 --", 'x'.repeat(44), pair.kid.slice(1), 42, null, ['x']]) {
      expect(await watched.verify(forge({ header: { kid } }))).toBeNull()
    }
    expect(await watched.verify(forge({ header: { jwk: {} } }))).toBeNull()
    expect(asked).toEqual([])
  })

  it('signs as the attack table below signs', async () => {
    expect(await tokens.verify(forge({}))).not.toBeNull()
  })

  const pem = publicKey.export({ format: 'pem', type: 'spki' })
  const strangerJwk = JSON.parse(stranger.publicJwk) as Json // as it was made
  const attacks: Readonly<Record<string, string>> = {
    'nothing at all': '',
    'alg none without a signature': `${encode({ ...header, alg: 'none' })}.${payload64}.`,
    'alg none with our signature': `${encode({ ...header, alg: 'none' })}.${payload64}.${signature64}`,
    'HS256 with the public key in PEM': hs256(pem),
    'HS256 with the public key in DER': hs256(publicKey.export({ format: 'der', type: 'spki' })),
    'HS256 with the raw public key': hs256(Buffer.from(String(publicKey.export({ format: 'jwk' })['x']), 'base64url')),
    'another algorithm name for our key': forge({ header: { alg: algorithm === 'EdDSA' ? 'Ed25519' : 'ES384' } }),
    "the other algorithm's name for our key": forge({ header: { alg: algorithm === 'EdDSA' ? 'ES256' : 'EdDSA' } }),
    'the kid of another key of ours': forge({ header: { kid: other.kid } }),
    'the kid and algorithm of another key of ours': forge({
      header: { kid: other.kid, alg: algorithm === 'EdDSA' ? 'ES256' : 'EdDSA' },
    }),
    "a stranger's key": forge({ by: stranger }),
    "a stranger's key with its own kid": forge({ by: stranger, header: { kid: stranger.kid } }),
    "a stranger's key, embedded as jwk": forge({ by: stranger, header: { jwk: strangerJwk } }),
    'our key and an embedded jwk': forge({ header: { jwk: strangerJwk } }),
    'a jku': forge({ header: { jku: 'https://evil.example/jwks' } }),
    'an x5u': forge({ header: { x5u: 'https://evil.example/cert' } }),
    'an x5c': forge({ header: { x5c: ['AAAA'] } }),
    'a crit header': forge({ header: { crit: ['exp'], exp: 1 } }),
    'an unencoded payload': forge({ header: { b64: false, crit: ['b64'] } }),
    'an unknown kid': forge({ header: { kid: stranger.kid } }),
    'a kid that is no thumbprint': forge({ header: { kid: 'other' } }),
    'a kid of the prototype': forge({ header: { kid: '__proto__' } }),
    'no kid': forge({ header: { kid: undefined } }),
    'a kid that is a path': forge({ header: { kid: '../../etc/passwd' } }),
    'typ JWT': forge({ header: { typ: 'JWT' } }),
    'typ of another kind of token of ours': forge({ header: { typ: 'verify-email+jwt' } }),
    'no typ': forge({ header: { typ: undefined } }),
    'another issuer': forge({ payload: { iss: 'https://evil.example' } }),
    'no issuer': forge({ payload: { iss: undefined } }),
    'another audience': forge({ payload: { aud: 'other' } }),
    'several audiences without ours': forge({ payload: { aud: ['other', 'another'] } }),
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
    'another client': forge({ payload: { client_id: 'other' } }),
    'no client': forge({ payload: { client_id: undefined } }),
    'no generation': forge({ payload: { gen: undefined } }),
    'a generation that is text': forge({ payload: { gen: '3' } }),
    'no time of issue': forge({ payload: { iat: undefined } }),
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
    return `${head}.${body}.${signature(algorithm, `${head}.${body}`, key)}`
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

/** A key with the example that the RFC signs with it. */
const examples = {
  'RFC 8037, appendix A (Ed25519)': {
    jwk: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', alg: 'EdDSA' },
    thumbprint: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    jws: 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
    payload: 'Example of Ed25519 signing',
  },
  'RFC 7515, appendix A.3 (ES256)': {
    jwk: {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      alg: 'ES256',
    },
    thumbprint: null,
    jws: 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
    payload: '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}',
  },
}

describe.each(Object.entries(examples))('the example of %s', (_rfc, { jwk, thumbprint, jws, payload }) => {
  it('is verified by the same keys and algorithms', async () => {
    const verified = await compactVerify(jws, createPublicKey({ key: jwk, format: 'jwk' }), { algorithms: [jwk.alg] })
    expect(Buffer.from(verified.payload).toString()).toBe(payload)
    expect(thumbprint ?? (await calculateJwkThumbprint(jwk))).toBe(await calculateJwkThumbprint(jwk))
  })

  it('is no access token, though its key were ours', async () => {
    const keys: KeyRing = {
      active: () => Promise.reject(new Error('It does not sign.')),
      find: async () => JSON.stringify(jwk),
    }
    expect(await joseAccessTokens({ ...options, keys }).verify(jws)).toBeNull()
  })
})
