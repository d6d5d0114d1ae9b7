import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import {
  decodeAttestationObject,
  decodeClientDataJSON,
  decodeCredentialPublicKey,
  isoBase64URL,
} from '@simplewebauthn/server/helpers'
import type { PasskeyCeremonies } from '../../ports/passkey-ceremonies.ts'
import { algorithms, isSoundKey } from './cose-key.ts'
import { readAssertion, readRegistration } from './credential-json.ts'

export interface WebauthnCeremoniesOptions {
  /** The relying party: a registrable domain, such as `example.com`. */
  readonly rpId: () => string
  readonly rpName: string
  /** The origins of pages on which passkeys are used, exactly. */
  readonly origins: () => readonly string[]
}

/** How long a browser lets people take, in ms. */
const timeout = 5 * 60 * 1000

/**
 * `PasskeyCeremonies` over @simplewebauthn/server, with what it leaves open: it takes cross-origin responses, any kind of key
 * for any algorithm, and attestations whose certificates it fetches revocation lists for, from where they say.
 */
export function webauthnCeremonies(options: WebauthnCeremoniesOptions): PasskeyCeremonies {
  return { ...registration(options), ...authentication(options) }
}

type Registration = Pick<PasskeyCeremonies, 'registrationOptions' | 'verifyRegistration'>

function registration({ rpId, rpName, origins }: WebauthnCeremoniesOptions): Registration {
  return {
    registrationOptions: async ({ challenge, userHandle, userName, displayName, exclude }) => ({
      ...(await generateRegistrationOptions({
        rpName,
        rpID: rpId(),
        challenge: isoBase64URL.toBuffer(challenge),
        userID: isoBase64URL.toBuffer(userHandle),
        userName,
        userDisplayName: displayName,
        timeout,
        attestationType: 'none',
        excludeCredentials: exclude.map(toDescriptor),
        // Discoverable and with user verification, so that each one can be the only thing that somebody signs in with.
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        supportedAlgorithmIDs: [...algorithms],
      })),
    }),

    async verifyRegistration(response, expectedChallenge) {
      const expected = { expectedChallenge, expectedOrigin: [...origins()], expectedRPID: rpId() }
      const read = readRegistration(response)
      if (read === null) return null
      return unlessRefused(async () => {
        const { clientDataJSON, attestationObject, transports = [] } = read.response
        if (!isOwnPage(clientDataJSON) || !isPlain(attestationObject)) return null
        const asked = { ...expected, supportedAlgorithmIDs: [...algorithms], response: read }
        const { registrationInfo } = await verifyRegistrationResponse(asked)
        if (registrationInfo === undefined) return null
        const { credential, aaguid, credentialDeviceType, credentialBackedUp } = registrationInfo
        if (credential.id !== read.id || !isSoundKey(decodeCredentialPublicKey(credential.publicKey))) return null
        return {
          credentialId: credential.id,
          publicKey: isoBase64URL.fromBuffer(credential.publicKey),
          counter: credential.counter,
          transports,
          aaguid,
          backupEligible: credentialDeviceType === 'multiDevice',
          backedUp: credentialBackedUp,
        }
      })
    },
  }
}

function authentication({ rpId, origins }: WebauthnCeremoniesOptions): Omit<PasskeyCeremonies, keyof Registration> {
  return {
    authenticationOptions: async ({ challenge, allow, userVerification }) => ({
      ...(await generateAuthenticationOptions({
        rpID: rpId(),
        challenge: isoBase64URL.toBuffer(challenge),
        ...(allow.length > 0 && { allowCredentials: allow.map(toDescriptor) }),
        timeout,
        userVerification,
      })),
    }),

    credentialOf(response) {
      const read = readAssertion(response)
      return read === null ? null : { credentialId: read.id, userHandle: read.response.userHandle ?? null }
    },

    async verifyAuthentication(response, { challenge, credentialId, publicKey, requireUserVerification }) {
      const expected = { expectedChallenge: challenge, expectedOrigin: [...origins()], expectedRPID: rpId() }
      // The counter is not the library's to judge: a regression has to be told from a response that is merely wrong.
      const credential = { id: credentialId, publicKey: storedKey(publicKey), counter: 0 }
      const read = readAssertion(response)
      if (read === null || read.id !== credentialId) return null
      return unlessRefused(async () => {
        if (!isOwnPage(read.response.clientDataJSON)) return null
        const asked = { ...expected, credential, requireUserVerification, response: read }
        const { verified, authenticationInfo } = await verifyAuthenticationResponse(asked)
        if (!verified) return null
        const { newCounter, userVerified, credentialDeviceType, credentialBackedUp } = authenticationInfo
        return {
          counter: newCounter,
          userVerified,
          backupEligible: credentialDeviceType === 'multiDevice',
          backedUp: credentialBackedUp,
        }
      })
    },
  }
}

function toDescriptor({ credentialId, transports }: { credentialId: string; transports: readonly string[] }) {
  return { id: credentialId, transports: [...transports] }
}

/** The library refuses by throwing, plain errors as well as those of its decoders. Nothing of ours may run in `check` that could fail. */
async function unlessRefused<T>(check: () => Promise<T | null>): Promise<T | null> {
  try {
    return await check()
  } catch {
    return null
  }
}

/** Whether the page that asked was not framed by one of another origin. */
function isOwnPage(clientDataJSON: string): boolean {
  const { crossOrigin, topOrigin } = decodeClientDataJSON(clientDataJSON)
  return !crossOrigin && topOrigin === undefined
}

/** Whether an attestation is none, or the credential's own: what browsers give when none was asked for (WebAuthn §5.1.3). */
function isPlain(attestationObject: string): boolean {
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject))
  const format = decoded.get('fmt')
  return format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined)
}

/** Throws for what is no key: only those that were found sound are ever stored. */
function storedKey(publicKey: string) {
  const bytes = isoBase64URL.toBuffer(publicKey)
  if (!isSoundKey(decodeCredentialPublicKey(bytes))) throw new TypeError('A stored passkey has no sound public key.')
  return bytes
}
