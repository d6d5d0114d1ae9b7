import type { MfaMethod } from '../../core/auth-method.ts'
import type { Session, User } from './outward.ts'

/** A started session with what proves it. `cookie` is the session cookie's value, for cookie delivery only. */
export interface SignedIn {
  readonly kind: 'SIGNED_IN'
  readonly user: User
  readonly session: Session
  readonly cookie: string | null
  readonly tokens: TokenPair | null
}

export interface TokenPair {
  readonly accessToken: string
  readonly accessTokenExpiresAt: number
  readonly refreshToken: string
  readonly refreshTokenExpiresAt: number
}

/** The first factor was right and a second one is asked for: nothing of a session exists yet. */
export interface MfaRequired {
  readonly kind: 'MFA_REQUIRED'
  readonly challengeToken: string
  readonly expiresAt: number
  readonly methods: readonly MfaMethod[]
  /** For `navigator.credentials.get()`; `null` where the user has no passkey. */
  readonly passkeyOptions: Readonly<Record<string, unknown>> | null
  readonly attemptsRemaining: number
}

/** What a first factor leads to. */
export type Entered = SignedIn | MfaRequired

/** There may be a new account: whoever reads the mails of the address can confirm it. The same where it has one already. */
export interface VerificationRequired {
  readonly kind: 'VERIFICATION_REQUIRED'
  /** The address as it was given. */
  readonly email: string
}
