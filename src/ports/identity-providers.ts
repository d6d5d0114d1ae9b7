/** A provider that somebody can sign in with. */
export interface ProviderDescription {
  /** As in the settings and in `/auth/oauth/:provider`. */
  readonly name: string
  readonly displayName: string
  /** Whether an address that the provider calls verified is believed for linking. */
  readonly trustedEmail: boolean
}

/** What one transaction with a provider must be checked against. */
export interface ProviderChecks {
  readonly state: string
  readonly nonce: string
  /** PKCE (RFC 7636), S256. */
  readonly codeVerifier: string
}

/** Whom the provider says it is. */
export interface ProviderIdentity {
  readonly subject: string
  readonly email: string | null
  readonly emailVerified: boolean
  readonly displayName: string | null
}

/**
 * OAuth 2 and OpenID Connect providers. Each request to one has a deadline, follows no redirects and reaches no private
 * address unless told to. What a provider gives to act for its user (access and refresh tokens) is kept nowhere.
 */
export interface IdentityProviders {
  readonly list: readonly ProviderDescription[]
  /** The address that the browser is sent to. Throws `UNKNOWN_PROVIDER` and `PROVIDER_FAILED`. */
  authorizationUrl(provider: string, checks: ProviderChecks, redirectUri: string): Promise<string>
  /** Redeems the callback (its whole address with the query). Throws `UNKNOWN_PROVIDER` and `PROVIDER_FAILED`. */
  redeem(provider: string, checks: ProviderChecks, callback: URL, redirectUri: string): Promise<ProviderIdentity>
}
