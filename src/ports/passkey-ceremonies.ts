/** The ceremonies of WebAuthn Level 3, as pure checks: who calls has stored, and already used up, the challenge. Binary values are base64url. */
export interface PasskeyCeremonies {
  /** `PublicKeyCredentialCreationOptionsJSON`. */
  registrationOptions(ask: {
    readonly challenge: string
    readonly userHandle: string
    readonly userName: string
    readonly displayName: string
    /** Credential ids that the authenticator must not hold already. */
    readonly exclude: readonly { readonly credentialId: string; readonly transports: readonly string[] }[]
  }): Promise<Readonly<Record<string, unknown>>>
  /** What was registered; `null` when anything about the response is not as it must be. User verification is required. */
  verifyRegistration(response: unknown, challenge: string): Promise<RegisteredPasskey | null>
  /** `PublicKeyCredentialRequestOptionsJSON`. Without `allow` any discoverable credential of this site will do. */
  authenticationOptions(ask: {
    readonly challenge: string
    readonly allow: readonly { readonly credentialId: string; readonly transports: readonly string[] }[]
    readonly userVerification: 'required' | 'preferred'
  }): Promise<Readonly<Record<string, unknown>>>
  /** Names the credential in a response that has not been verified; `null` for what is no response. */
  credentialOf(response: unknown): { readonly credentialId: string; readonly userHandle: string | null } | null
  /** `null` when anything about the response is not as it must be. The counter is for the caller to judge. */
  verifyAuthentication(
    response: unknown,
    expected: {
      readonly challenge: string
      readonly credentialId: string
      readonly publicKey: string
      readonly requireUserVerification: boolean
    },
  ): Promise<PasskeyAssertion | null>
}

export interface RegisteredPasskey {
  readonly credentialId: string
  readonly publicKey: string
  readonly counter: number
  readonly transports: readonly string[]
  readonly aaguid: string
  readonly backupEligible: boolean
  readonly backedUp: boolean
}

export interface PasskeyAssertion {
  readonly counter: number
  readonly userVerified: boolean
  readonly backupEligible: boolean
  readonly backedUp: boolean
}
