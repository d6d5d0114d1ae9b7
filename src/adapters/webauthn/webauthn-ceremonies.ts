import type { PasskeyCeremonies } from '../../ports/passkey-ceremonies.ts'

export interface WebauthnCeremoniesOptions {
  /** The relying party: a registrable domain, such as `example.com`. */
  readonly rpId: () => string
  readonly rpName: string
  /** The origins of pages on which passkeys are used, exactly. */
  readonly origins: () => readonly string[]
}

export function webauthnCeremonies(_options: WebauthnCeremoniesOptions): PasskeyCeremonies {
  const notYet = async () => {
    throw new Error('not written yet')
  }
  return {
    registrationOptions: notYet,
    verifyRegistration: notYet,
    authenticationOptions: notYet,
    credentialOf: () => null,
    verifyAuthentication: notYet,
  }
}
