import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'

/** Longest texts, in base64url characters: all parts together stay under 64 kB. A credential id has at most 1,023 bytes (WebAuthn §7.1 step 25). */
const maxLengths = {
  id: 1364,
  clientDataJSON: 8_192,
  attestationObject: 32_768,
  authenticatorData: 8_192,
  signature: 4_096,
  userHandle: 86,
} as const

/** Those of the registry that there are (https://www.w3.org/TR/webauthn-3/#enum-transport), and those that may come. */
const transportShape = /^[a-z][a-z-]{0,30}$/
const maxTransports = 8

const binaryShape = /^[A-Za-z0-9_-]+$/

/** The parts of a `RegistrationResponseJSON` that are looked at, all of them of the right type and bounded; `null` for anything else. */
export function readRegistration(json: unknown): RegistrationResponseJSON | null {
  const credential = readCredential(json)
  const response = own(json, 'response')
  const clientDataJSON = binary(response, 'clientDataJSON')
  const attestationObject = binary(response, 'attestationObject')
  if (credential === null || clientDataJSON === null || attestationObject === null) return null
  const transports = readTransports(own(response, 'transports'))
  return { ...credential, response: { clientDataJSON, attestationObject, transports } }
}

/** The parts of an `AuthenticationResponseJSON`, in the same way. */
export function readAssertion(json: unknown): AuthenticationResponseJSON | null {
  const credential = readCredential(json)
  const response = own(json, 'response')
  const clientDataJSON = binary(response, 'clientDataJSON')
  const authenticatorData = binary(response, 'authenticatorData')
  const signature = binary(response, 'signature')
  if (credential === null || clientDataJSON === null || authenticatorData === null || signature === null) return null
  // Security keys that were told who is asked for may leave it out.
  const isNamed = ![undefined, null, ''].some((absent) => absent === own(response, 'userHandle'))
  const userHandle = isNamed ? binary(response, 'userHandle') : undefined
  if (userHandle === null) return null
  return {
    ...credential,
    response: { clientDataJSON, authenticatorData, signature, ...(userHandle !== undefined && { userHandle }) },
  }
}

function readCredential(json: unknown): Omit<RegistrationResponseJSON, 'response'> | null {
  const id = binary(json, 'id')
  if (id === null || own(json, 'rawId') !== id || own(json, 'type') !== 'public-key') return null
  return { id, rawId: id, type: 'public-key', clientExtensionResults: {} }
}

/** They only help a browser to ask in the right way, so what is odd is left out. */
function readTransports(given: unknown): string[] {
  if (!Array.isArray(given)) return []
  const texts = given.slice(0, maxTransports).filter((text): text is string => typeof text === 'string')
  return [...new Set(texts.filter((text) => transportShape.test(text)))]
}

function binary(json: unknown, name: keyof typeof maxLengths): string | null {
  const value = own(json, name)
  if (typeof value !== 'string' || value.length > maxLengths[name]) return null
  return binaryShape.test(value) ? value : null
}

/** A property of the object itself: what it inherits was not sent. */
function own(json: unknown, name: string): unknown {
  if (typeof json !== 'object' || json === null) return undefined
  return Object.getOwnPropertyDescriptor(json, name)?.value
}
