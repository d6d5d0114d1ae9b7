/** What an access token says. Times are seconds since 1970, as in RFC 7519. */
export interface AccessClaims {
  /** The user. */
  readonly sub: string
  /** The session. */
  readonly sid: string
  /** Of the session: a token of an older generation is dead. */
  readonly gen: number
  readonly jti: string
  readonly iat: number
  readonly exp: number
}

/** Short-lived signed tokens (JWT, RFC 9068 profile). One `verify` for everyone who reads one. */
export interface AccessTokens {
  /** Signs a token for the session; answers it with its expiry (ms since 1970). */
  issue(subject: {
    readonly userId: string
    readonly sessionId: string
    readonly generation: number
  }): Promise<{ token: string; expiresAt: number }>
  /** The claims of a valid token, `null` for anything else. */
  verify(token: string): Promise<AccessClaims | null>
}

/** The algorithms that access tokens are signed with: Ed25519 (RFC 8037), or ECDSA over P-256 (RFC 7518). */
export const signingAlgorithms = ['EdDSA', 'ES256'] as const

export type SigningAlgorithm = (typeof signingAlgorithms)[number]

/** A pair of keys as JSON Web Keys (RFC 7517), written as JSON. */
export interface SigningKeyPair {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string
  /** As it is published, with `alg`, `kid` and `use`. */
  readonly publicJwk: string
  readonly privateJwk: string
}

/** The keys that access tokens are signed and verified with. */
export interface KeyRing {
  /** The one that signs now. */
  active(): Promise<SigningKeyPair>
  /** The public key (JWK as JSON) of that id, whether next, active or retired; `null` for one that is not ours. */
  find(kid: string): Promise<string | null>
}
