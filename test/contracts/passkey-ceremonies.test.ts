import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { webauthnCeremonies } from '../../src/adapters/webauthn/webauthn-ceremonies.ts'
import { newSecret } from '../../src/core/secrets.ts'
import {
  assert,
  cbor,
  certifiedAttestation,
  type CborKey,
  type CborValue,
  coseKey,
  type KeyKind,
  type Lies,
  newCredential,
  register,
  selfAttestation,
  type SoftwareCredential,
} from '../support/software-authenticator.ts'

const site = { rpId: 'example.com', origin: 'https://app.example.com' }
const ceremonies = webauthnCeremonies({
  rpId: () => site.rpId,
  rpName: 'Example',
  origins: () => [site.origin, 'https://example.com'],
})
const challenge = newSecret(32)
const kinds: readonly KeyKind[] = ['EdDSA', 'ES256', 'RS256']

/** What was stored of a credential whose registration went well. */
async function stored(credential: SoftwareCredential) {
  const passkey = await ceremonies.verifyRegistration(register(credential, site, challenge), challenge)
  if (passkey === null) throw new Error('The registration was refused.')
  return passkey
}

async function answer(credential: SoftwareCredential, lies: Lies = {}, requireUserVerification = true) {
  const { credentialId, publicKey } = await stored(credential)
  const expected = { challenge, credentialId, publicKey, requireUserVerification }
  return ceremonies.verifyAuthentication(assert(credential, site, challenge, lies), expected)
}

/** What no ceremony takes. */
const lies: readonly (readonly [string, Lies])[] = [
  ['the type of another ceremony', { type: 'payment.get' }],
  ['another challenge', { challenge: newSecret(32) }],
  ['an empty challenge', { challenge: '' }],
  ['the challenge with padding', { challenge: `${challenge}=` }],
  ['an origin of another site', { origin: 'https://example.org' }],
  ['an origin with another port', { origin: 'https://app.example.com:444' }],
  ['an origin without TLS', { origin: 'http://app.example.com' }],
  ['an origin that begins like ours', { origin: 'https://app.example.com.evil.example' }],
  ['a subdomain that is not listed', { origin: 'https://evil.example.com' }],
  ['the relying party of another site', { rpId: 'example.org' }],
  ['nobody present', { userPresent: false }],
  ['no user verification', { userVerified: false }],
  ['a page within another one', { crossOrigin: true }],
  ['a page within another one that is named', { crossOrigin: true, topOrigin: site.origin }],
  ['a top origin without being in a frame', { topOrigin: 'https://example.org' }],
  ['bytes at the end', { tail: Buffer.from([0]) }],
]

describe('passkey ceremonies: registration', () => {
  it('asks for a discoverable passkey with user verification, of pinned algorithms and without attestation', async () => {
    const userHandle = newSecret(32)
    const exclude = [{ credentialId: newSecret(16), transports: ['usb', 'nfc'] }]
    const ask = { challenge, userHandle, userName: 'ada@example.com', displayName: 'Ada', exclude }
    const options = JSON.parse(JSON.stringify(await ceremonies.registrationOptions(ask))) as unknown
    expect(options).toEqual({
      rp: { id: 'example.com', name: 'Example' },
      user: { id: userHandle, name: 'ada@example.com', displayName: 'Ada' },
      challenge,
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      excludeCredentials: [{ id: exclude[0]?.credentialId, type: 'public-key', transports: ['usb', 'nfc'] }],
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
      timeout: 300_000,
      extensions: { credProps: true },
      hints: [],
    })
  })

  it.each(kinds)('takes a new passkey of %s and tells what is to be stored', async (kind) => {
    const credential = newCredential(kind, { counter: 7, backupEligible: true, backedUp: true })
    const aaguid = 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4'
    const response = register(credential, site, challenge, { aaguid, transports: ['internal', 'hybrid'] })
    expect(await ceremonies.verifyRegistration(response, challenge)).toEqual({
      credentialId: credential.id.toString('base64url'),
      publicKey: cbor(coseKey(credential)).toString('base64url'),
      counter: 7,
      transports: ['internal', 'hybrid'],
      aaguid,
      backupEligible: true,
      backedUp: true,
    })
  })

  it.each(kinds)('takes an attestation of %s by the passkey itself, and refuses one that is forged', async (kind) => {
    const credential = newCredential(kind)
    const attestation = selfAttestation(credential, site, challenge)
    const good = register(credential, site, challenge, { attestation })
    expect(await ceremonies.verifyRegistration(good, challenge)).not.toBeNull()
    const forged = { attestation: selfAttestation(newCredential(kind), site, challenge) }
    expect(await ceremonies.verifyRegistration(register(credential, site, challenge, forged), challenge)).toBeNull()
  })

  it.each([...lies, ['the type of a sign-in', { type: 'webauthn.get' }] as const])('refuses %s', async (_what, lie) => {
    const credential = newCredential()
    expect(await ceremonies.verifyRegistration(register(credential, site, challenge, lie), challenge)).toBeNull()
    expect(await ceremonies.verifyRegistration(register(credential, site, challenge), challenge)).not.toBeNull()
  })

  it.each(['packed', 'tpm', 'android-key', 'android-safetynet', 'fido-u2f', 'apple', 'compound', ''])(
    'refuses an attestation of the form %j that brings certificates, without looking at them',
    async (fmt) => {
      const attStmt = new Map<CborKey, CborValue>([
        ['alg', -7],
        ['sig', Buffer.alloc(64)],
        ['x5c', [Buffer.alloc(300, 0x30)]],
      ])
      const response = register(newCredential(), site, challenge, { attestation: { fmt, attStmt } })
      expect(await ceremonies.verifyRegistration(response, challenge)).toBeNull()
    },
  )

  it('refuses an attestation by a certificate that is right in itself, as nobody here vouches for its maker', async () => {
    const credential = newCredential()
    const attestation = certifiedAttestation(credential, site, challenge)
    const response = register(credential, site, challenge, { attestation })
    expect(await ceremonies.verifyRegistration(response, challenge)).toBeNull()
  })

  it('refuses a passkey that says it is backed up though it cannot be', async () => {
    const credential = newCredential('ES256', { backupEligible: false, backedUp: true })
    expect(await ceremonies.verifyRegistration(register(credential, site, challenge), challenge)).toBeNull()
  })

  it('refuses a response that names another credential than the one that was made', async () => {
    const response = register(newCredential(), site, challenge)
    const other = newCredential().id.toString('base64url')
    expect(await ceremonies.verifyRegistration({ ...response, id: other, rawId: other }, challenge)).toBeNull()
  })

  it('takes ids of up to 1,023 bytes', async () => {
    for (const [idLength, isTaken] of [
      [1, true],
      [1023, true],
      [1024, false],
    ] as const) {
      const response = register(newCredential('ES256', { idLength }), site, challenge)
      expect((await ceremonies.verifyRegistration(response, challenge)) !== null).toBe(isTaken)
    }
  })

  it.each(badKeys())('refuses %s', async (_what, key) => {
    const response = register(newCredential(), site, challenge, { coseKey: key })
    expect(await ceremonies.verifyRegistration(response, challenge)).toBeNull()
  })

  it.each([
    ['what is no list', 'usb', []],
    ['other things than texts', [1, null, { a: 1 }, 'usb'], ['usb']],
    ['texts of another form', ['USB', 'a'.repeat(100), '<b>', 'nfc', 'nfc'], ['nfc']],
    ['very many', 'abcdefghij'.split(''), 'abcdefgh'.split('')],
  ])('keeps of the transports only what can be one: %s', async (_what, transports, kept) => {
    const response = register(newCredential(), site, challenge, { transports })
    const passkey = await ceremonies.verifyRegistration(response, challenge)
    expect(passkey?.transports).toEqual(kept)
  })
})

describe('passkey ceremonies: authentication', () => {
  it('asks for any discoverable passkey, or for the named ones', async () => {
    const any = await ceremonies.authenticationOptions({ challenge, allow: [], userVerification: 'required' })
    const asked = { challenge, rpId: 'example.com', timeout: 300_000, userVerification: 'required' }
    expect(JSON.parse(JSON.stringify(any))).toEqual(asked)
    const allow = [{ credentialId: newSecret(16), transports: ['usb'] }]
    const named = await ceremonies.authenticationOptions({ challenge, allow, userVerification: 'preferred' })
    expect(JSON.parse(JSON.stringify(named))).toEqual({
      ...asked,
      userVerification: 'preferred',
      allowCredentials: [{ id: allow[0]?.credentialId, type: 'public-key', transports: ['usb'] }],
    })
  })

  it.each(kinds)('takes the signature of a passkey of %s and says what the authenticator said', async (kind) => {
    const credential = newCredential(kind, { counter: 7, backupEligible: true })
    expect(await answer(credential)).toEqual({
      counter: 7,
      userVerified: true,
      backupEligible: true,
      backedUp: false,
    })
    expect(await answer(credential, { userVerified: false }, false)).toMatchObject({ userVerified: false })
  })

  it.each([...lies, ['the type of a registration', { type: 'webauthn.create' }] as const])(
    'refuses %s',
    async (_what, lie) => {
      const credential = newCredential()
      expect(await answer(credential, lie)).toBeNull()
      expect(await answer(credential)).not.toBeNull()
    },
  )

  it('refuses the signature of another passkey, and one over something else', async () => {
    const credential = newCredential()
    const { credentialId, publicKey } = await stored(credential)
    const expected = { challenge, credentialId, publicKey, requireUserVerification: true }
    const own = assert(credential, site, challenge)
    const other = { ...assert(newCredential(), site, challenge).response, userHandle: null }
    const otherId = newCredential().id.toString('base64url')
    for (const response of [
      { ...own, id: otherId, rawId: otherId },
      { ...own, response: other },
      { ...own, response: { ...own.response, signature: other.signature } },
      { ...own, response: { ...own.response, signature: Buffer.alloc(70).toString('base64url') } },
      { ...own, response: { ...own.response, authenticatorData: changed(own.response.authenticatorData, 36) } },
      assert(newCredential(), site, challenge),
    ]) {
      expect(await ceremonies.verifyAuthentication(response, expected)).toBeNull()
    }
    expect(await ceremonies.verifyAuthentication(own, expected)).not.toBeNull()
  })

  it('refuses a backup state that cannot be', async () => {
    const credential = newCredential()
    const { credentialId, publicKey } = await stored(credential)
    credential.backedUp = true
    const expected = { challenge, credentialId, publicKey, requireUserVerification: true }
    expect(await ceremonies.verifyAuthentication(assert(credential, site, challenge), expected)).toBeNull()
  })

  it('leaves it to the caller to judge a counter', async () => {
    const credential = newCredential('ES256', { counter: 7 })
    const { credentialId, publicKey } = await stored(credential)
    const expected = { challenge, credentialId, publicKey, requireUserVerification: true }
    for (const counter of [0, 1, 6, 7, 2 ** 32 - 1]) {
      credential.counter = counter
      const assertion = await ceremonies.verifyAuthentication(assert(credential, site, challenge), expected)
      expect(assertion?.counter).toBe(counter)
    }
  })

  it('names the credential of a response that was not verified', () => {
    const credential = newCredential('ES256', { userHandle: newSecret(32) })
    const response = assert(credential, site, challenge)
    const credentialId = credential.id.toString('base64url')
    expect(ceremonies.credentialOf(response)).toEqual({ credentialId, userHandle: credential.userHandle })
    const without = { ...response, response: { ...response.response, userHandle: null } }
    expect(ceremonies.credentialOf(without)).toEqual({ credentialId, userHandle: null })
  })

  it('does not hide what is wrong on our side', async () => {
    const credential = newCredential()
    const { credentialId } = await stored(credential)
    const response = assert(credential, site, challenge)
    for (const publicKey of ['AAAA', cbor(new Map()).toString('base64url')]) {
      const expected = { challenge, credentialId, publicKey, requireUserVerification: true }
      await expect(ceremonies.verifyAuthentication(response, expected)).rejects.toThrow('no sound public key')
    }
    const broken = webauthnCeremonies({
      rpId: () => 'example.com',
      rpName: '',
      origins: () => {
        throw new RangeError('our own')
      },
    })
    const registration = register(credential, site, challenge)
    await expect(broken.verifyRegistration(registration, challenge)).rejects.toThrow('our own')
  })
})

describe('passkey ceremonies: whatever is sent', () => {
  const credential = newCredential('ES256', { userHandle: newSecret(32) })
  const registration = register(credential, site, challenge)
  const assertion = assert(credential, site, challenge)

  it.each([...malformed(registration), ...malformed(assertion)])('is refused: %s', async (_what, response) => {
    const { credentialId, publicKey } = await stored(credential)
    const expected = { challenge, credentialId, publicKey, requireUserVerification: true }
    expect(await ceremonies.verifyRegistration(response, challenge)).toBeNull()
    expect(await ceremonies.verifyAuthentication(response, expected)).toBeNull()
  })

  it.each([
    ['arrays within arrays', Buffer.alloc(20_000, 0x81)],
    ['maps within maps', Buffer.alloc(20_000, 0xa1)],
    ['a list that claims to have 2^53 - 1 members', Buffer.from('9b001fffffffffffff', 'hex')],
    ['a text that claims to have 2^53 - 1 bytes', Buffer.from('7b001fffffffffffff', 'hex')],
    ['a number', Buffer.from([1])],
    ['a map with a key twice', Buffer.from('a2616101616102', 'hex')],
    ['a key that is __proto__', cbor(new Map<CborKey, CborValue>([['__proto__', new Map([['fmt', 'none']])]]))],
  ])('is refused in an attestation, soon: %s', async (_what, object) => {
    const response = { ...registration.response, attestationObject: object.toString('base64url') }
    const began = performance.now()
    expect(await ceremonies.verifyRegistration({ ...registration, response }, challenge)).toBeNull()
    expect(performance.now() - began).toBeLessThan(1000)
  })

  it('leaves no trace in what all objects have', () => {
    expect(Object.keys(Object.prototype)).toEqual([])
    expect('polluted' in {}).toBe(false)
  })
})

/** A response with one thing after the other wrong with it. */
function malformed(good: ReturnType<typeof register> | ReturnType<typeof assert>): (readonly [string, unknown])[] {
  const inner = (more: object) => ({ ...good, response: { ...good.response, ...more } })
  const huge = 'A'.repeat(100_000)
  return [
    ['nothing', undefined],
    ['null', null],
    ['a text', JSON.stringify(good)],
    ['a number', 1],
    ['a list', [good]],
    ['an empty object', {}],
    ['no response', { ...good, response: null }],
    ['a response that is a list', { ...good, response: [] }],
    ['a response that is inherited', Object.create(good)],
    ['a response in __proto__', JSON.parse(`{"__proto__":${JSON.stringify(good)},"polluted":1}`)],
    ['parts that are inherited', { ...good, response: Object.create(good.response) as unknown }],
    ['another id than rawId', { ...good, rawId: `${good.rawId}A` }],
    ['an id that is no text', { ...good, id: { toString: () => good.id }, rawId: good.id }],
    ['an empty id', { ...good, id: '', rawId: '' }],
    ['an id with padding', { ...good, id: `${good.id}=`, rawId: `${good.id}=` }],
    ['a huge id', { ...good, id: huge, rawId: huge }],
    ['another type', { ...good, type: 'password' }],
    ['client data that is missing', inner({ clientDataJSON: undefined })],
    ['client data that is no text', inner({ clientDataJSON: 1 })],
    ['client data that is no base64url', inner({ clientDataJSON: '{}' })],
    ['client data that is no JSON', inner({ clientDataJSON: Buffer.from('{').toString('base64url') })],
    ['client data that is null', inner({ clientDataJSON: Buffer.from('null').toString('base64url') })],
    ['client data that is a list', inner({ clientDataJSON: Buffer.from('[]').toString('base64url') })],
    ['huge client data', inner({ clientDataJSON: huge })],
    ['an attestation that is empty', inner({ attestationObject: '', authenticatorData: '' })],
    ['huge authenticator data', inner({ attestationObject: huge, authenticatorData: huge })],
    ['authenticator data that is too short', inner({ attestationObject: 'AAAA', authenticatorData: 'AAAA' })],
    ['a huge signature', inner({ signature: huge, attestationObject: huge })],
    ['a signature that is missing', inner({ signature: undefined, attestationObject: undefined })],
    ['a user handle that is no text', inner({ userHandle: 1, attestationObject: 1 })],
    ['a huge user handle', inner({ userHandle: huge, attestationObject: huge })],
  ]
}

/** Keys that do not belong to an algorithm of ours, or are broken. */
function badKeys(): (readonly [string, ReadonlyMap<CborKey, CborValue>])[] {
  const es256 = coseKey(newCredential('ES256'))
  const eddsa = coseKey(newCredential('EdDSA'))
  const rsa = coseKey(newCredential('RS256'))
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const but = (key: ReadonlyMap<CborKey, CborValue>, ...changes: readonly (readonly [CborKey, CborValue])[]) =>
    new Map([...key, ...changes])
  return [
    ['an algorithm that was not asked for', but(es256, [3, -35])],
    ['the algorithm of an attack by hash', but(rsa, [3, -65_535])],
    ['an elliptic key for RS256', but(es256, [3, -257])],
    ['an elliptic key for EdDSA', but(es256, [3, -8])],
    ['an Edwards key for ES256', but(eddsa, [3, -7])],
    ['an RSA key for ES256', but(rsa, [3, -7])],
    ['another curve for ES256', but(es256, [-1, 2])],
    ['another curve for EdDSA', but(eddsa, [-1, 4])],
    ['a short coordinate', but(es256, [-2, Buffer.alloc(31)])],
    ['a missing coordinate', new Map([...es256].filter(([label]) => label !== -3))],
    ['a coordinate that is a text', but(es256, [-3, 'x'.repeat(32)])],
    ['an RSA key of 1,024 bits', coseKey({ kind: 'RS256', publicKey: small.publicKey })],
    ['an RSA key of 16,384 bits', but(rsa, [-1, Buffer.alloc(2048, 255)])],
    ['an RSA key with a long exponent', but(rsa, [-2, Buffer.alloc(8, 255)])],
    ['a key without an algorithm', new Map([...es256].filter(([label]) => label !== 3))],
    ['an empty key', new Map()],
  ]
}

/** The same bytes but for one bit. */
function changed(text: string, at: number): string {
  const bytes = Buffer.from(text, 'base64url')
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes.toString('base64url')
}
