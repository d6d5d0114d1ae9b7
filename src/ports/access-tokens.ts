/** What an access token says. Times are seconds since 1970, as in RFC 7519. */
export interface AccessClaims {
  /** The user. */
  readonly sub: string
  /** The session. */
  readonly sid: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
}

/** Short-lived signed tokens (JWT, RFC 9068 profile). One `verify` for everyone who reads one. */
export interface AccessTokens {
  /** Signs a token for the session; answers it with its expiry (ms since 1970). */
  issue(subject: { readonly userId: string; readonly sessionId: string }): Promise<{ token: string; expiresAt: number }>
  /** The claims of a valid token, `null` for anything else. */
  verify(token: string): Promise<AccessClaims | null>
}
