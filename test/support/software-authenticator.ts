import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** The kinds of key that a credential may have, by their COSE algorithm. */
export type KeyKind = 'EdDSA' | 'ES256' | 'RS256'

/** A credential as an authenticator keeps it. Everything may be changed between two uses. */
export interface SoftwareCredential {
  readonly id: Buffer
  readonly kind: KeyKind
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** Base64url, as the site gave it. */
  userHandle: string
  counter: number
  backupEligible: boolean
  backedUp: boolean
}

/** What a browser and its authenticator can be made to say wrongly. Left out: what is right. */
export interface Lies {
  readonly type?: string
  readonly challenge?: string
  readonly origin?: string
  readonly rpId?: string
  readonly crossOrigin?: unknown
  readonly topOrigin?: unknown
  readonly userPresent?: boolean
  readonly userVerified?: boolean
  readonly userHandle?: string | null
  readonly aaguid?: string
  /** The attestation statement and its format. */
  readonly attestation?: { readonly fmt: string; readonly attStmt: ReadonlyMap<CborKey, CborValue> }
  /** The COSE key, in place of the credential's own. */
  readonly coseKey?: ReadonlyMap<CborKey, CborValue>
  /** More bytes at the end of what the authenticator says. */
  readonly tail?: Buffer
  readonly transports?: unknown
}

export interface Site {
  readonly rpId: string
  readonly origin: string
}

const flags = { up: 1, uv: 4, be: 8, bs: 16, at: 64 }

/** A new credential; with a counter of 0 that never moves, as synced ones have it. */
export function newCredential(
  kind: KeyKind = 'ES256',
  more: Partial<Pick<SoftwareCredential, 'userHandle' | 'counter' | 'backupEligible' | 'backedUp'>> & {
    readonly idLength?: number
  } = {},
): SoftwareCredential {
  const { idLength = 32, ...given } = more
  const state = { userHandle: '', counter: 0, backupEligible: false, backedUp: false, ...given }
  return { id: randomBytes(idLength), kind, ...newKeys(kind), ...state }
}

function newKeys(kind: KeyKind): Pick<SoftwareCredential, 'privateKey' | 'publicKey'> {
  if (kind === 'EdDSA') return generateKeyPairSync('ed25519')
  if (kind === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** What `navigator.credentials.create()` answers, as `RegistrationResponseJSON`. */
export function register(credential: SoftwareCredential, site: Site, challenge: string, lies: Lies = {}) {
  const { fmt, attStmt } = lies.attestation ?? { fmt: 'none', attStmt: new Map<CborKey, CborValue>() }
  const attestationObject = new Map<CborKey, CborValue>([
    ['fmt', fmt],
    ['attStmt', attStmt],
    ['authData', attestedData(credential, site, lies)],
  ])
  return {
    ...named(credential),
    response: {
      clientDataJSON: text64(clientData('webauthn.create', site, challenge, lies)),
      attestationObject: cbor(attestationObject).toString('base64url'),
      transports: lies.transports ?? ['internal'],
    },
  }
}

/** An attestation of `register` by the new key itself (WebAuthn §8.2). */
export function selfAttestation(
  credential: SoftwareCredential,
  site: Site,
  challenge: string,
): NonNullable<Lies['attestation']> {
  const client = clientData('webauthn.create', site, challenge, {})
  const sig = signWith(credential, Buffer.concat([attestedData(credential, site, {}), sha256(Buffer.from(client))]))
  const alg = algorithms[credential.kind]
  return {
    fmt: 'packed',
    attStmt: new Map<CborKey, CborValue>([
      ['alg', alg],
      ['sig', sig],
    ]),
  }
}

/** An attestation of `register` by a certificate of the security key's maker, all of it right (WebAuthn §8.6). */
export function certifiedAttestation(
  credential: SoftwareCredential,
  site: Site,
  challenge: string,
): NonNullable<Lies['attestation']> {
  const { privateKey, publicKey } = newKeys('ES256')
  const point = Buffer.concat([Buffer.from([4]), ...[-2, -3].map((label) => bytesOf(coseKey(credential).get(label)))])
  const client = clientData('webauthn.create', site, challenge, {})
  const said = [Buffer.alloc(1), sha256(Buffer.from(site.rpId)), sha256(Buffer.from(client)), credential.id, point]
  return {
    fmt: 'fido-u2f',
    attStmt: new Map<CborKey, CborValue>([
      ['sig', sign('sha256', Buffer.concat(said), privateKey)],
      ['x5c', [certificateOf(publicKey)]],
    ]),
  }
}

/** As much of an X.509 certificate (RFC 5280 §4.1) as can be parsed. */
function certificateOf(publicKey: KeyObject): Buffer {
  const der = (tag: number, ...parts: readonly Buffer[]) => {
    const body = Buffer.concat(parts)
    const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255]
    return Buffer.concat([Buffer.from([tag, ...length]), body])
  }
  const ecdsaWithSha256 = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
  const time = (text: string) => der(0x17, Buffer.from(text))
  const validity = der(0x30, time('200101000000Z'), time('490101000000Z'))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const body = [der(0x02, Buffer.from([1])), ecdsaWithSha256, der(0x30), validity, der(0x30), key]
  return der(0x30, der(0x30, ...body), ecdsaWithSha256, der(0x03, Buffer.alloc(65)))
}

function attestedData(credential: SoftwareCredential, site: Site, lies: Lies): Buffer {
  return Buffer.concat([
    authenticatorData(credential, site, lies, flags.at),
    Buffer.from((lies.aaguid ?? '00000000-0000-0000-0000-000000000000').replaceAll('-', ''), 'hex'),
    uint(credential.id.length, 2),
    credential.id,
    cbor(lies.coseKey ?? coseKey(credential)),
    lies.tail ?? Buffer.alloc(0),
  ])
}

/** What `navigator.credentials.get()` answers, as `AuthenticationResponseJSON`. Counts the use where the credential counts. */
export function authenticate(credential: SoftwareCredential, site: Site, challenge: string, lies: Lies = {}) {
  if (credential.counter > 0) credential.counter += 1
  return assert(credential, site, challenge, lies)
}

/** The same without counting. */
export function assert(credential: SoftwareCredential, site: Site, challenge: string, lies: Lies = {}) {
  const client = clientData('webauthn.get', site, challenge, lies)
  const authData = Buffer.concat([authenticatorData(credential, site, lies, 0), lies.tail ?? Buffer.alloc(0)])
  const signature = signWith(credential, Buffer.concat([authData, sha256(Buffer.from(client))]))
  const userHandle = lies.userHandle === undefined ? credential.userHandle : lies.userHandle
  return {
    ...named(credential),
    response: {
      clientDataJSON: text64(client),
      authenticatorData: authData.toString('base64url'),
      signature: signature.toString('base64url'),
      userHandle,
    },
  }
}

function named({ id }: SoftwareCredential) {
  const text = id.toString('base64url')
  return { id: text, rawId: text, type: 'public-key', clientExtensionResults: {}, authenticatorAttachment: 'platform' }
}

function clientData(type: string, { origin }: Site, challenge: string, lies: Lies): string {
  return JSON.stringify({
    type: lies.type ?? type,
    challenge: lies.challenge ?? challenge,
    origin: lies.origin ?? origin,
    crossOrigin: lies.crossOrigin ?? false,
    ...(lies.topOrigin !== undefined && { topOrigin: lies.topOrigin }),
  })
}

function authenticatorData(credential: SoftwareCredential, { rpId }: Site, lies: Lies, more: number): Buffer {
  const { userPresent = true, userVerified = true } = lies
  const said =
    more |
    (userPresent ? flags.up : 0) |
    (userVerified ? flags.uv : 0) |
    (credential.backupEligible ? flags.be : 0) |
    (credential.backedUp ? flags.bs : 0)
  const rpIdHash = sha256(Buffer.from(lies.rpId ?? rpId))
  return Buffer.concat([rpIdHash, Buffer.from([said]), uint(credential.counter, 4)])
}

const algorithms = { EdDSA: -8, ES256: -7, RS256: -257 } as const satisfies Record<KeyKind, number>

/** The public key as COSE (RFC 9052 §7). */
export function coseKey({ kind, publicKey }: Pick<SoftwareCredential, 'kind' | 'publicKey'>): Map<CborKey, CborValue> {
  const jwk = publicKey.export({ format: 'jwk' })
  const part = (text: unknown) => Buffer.from(String(text), 'base64url')
  const alg: [CborKey, CborValue] = [3, algorithms[kind]]
  if (kind === 'EdDSA') return new Map<CborKey, CborValue>([[1, 1], alg, [-1, 6], [-2, part(jwk.x)]])
  if (kind === 'RS256') return new Map<CborKey, CborValue>([[1, 3], alg, [-1, part(jwk.n)], [-2, part(jwk.e)]])
  return new Map<CborKey, CborValue>([[1, 2], alg, [-1, 1], [-2, part(jwk.x)], [-3, part(jwk.y)]])
}

function signWith({ kind, privateKey }: SoftwareCredential, data: Buffer): Buffer {
  return sign(kind === 'EdDSA' ? null : 'sha256', data, privateKey)
}

export type CborKey = number | string
export type CborValue = number | string | Buffer | readonly CborValue[] | ReadonlyMap<CborKey, CborValue>

/** As much of CBOR (RFC 8949) as authenticators need. */
export function cbor(value: CborValue): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)])
  const entries = [...(value as ReadonlyMap<CborKey, CborValue>)] // all else was asked for above
  return Buffer.concat([head(5, entries.length), ...entries.flatMap(([key, item]) => [cbor(key), cbor(item)])])
}

function bytesOf(value: CborValue | undefined): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0)
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.from([(major << 5) | argument])
  if (argument < 256) return Buffer.concat([Buffer.from([(major << 5) | 24]), uint(argument, 1)])
  return Buffer.concat([Buffer.from([(major << 5) | 25]), uint(argument, 2)])
}

function uint(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest()
}

function text64(text: string): string {
  return Buffer.from(text).toString('base64url')
}
