import type { AuthMethod, MfaMethod } from '../../core/auth-method.ts'
import type { Delivery, SessionRecord, UserRecord } from '../../ports/accounts/account-records.ts'
import type { Authentication } from './authentication/authentication.ts'
import type { SignInService } from './entry/sign-in.ts'
import type { SignUpService } from './entry/sign-up.ts'
import type { Sessions } from './sessions/sessions.ts'

/** A user as the world may see them. */
export type User = Omit<UserRecord, 'passwordHash'> & { readonly hasPassword: boolean }

/** A session as its owner may see it. */
export type Session = Omit<SessionRecord, 'secretHash' | 'generation'>

/** Where a request came from: for limits, for the log, and for the owner's list of sessions. */
export interface ClientInfo {
  readonly ip: string | null
  readonly userAgent: string | null
  /** SHA-256 of the device cookie; `null` where the client has none. */
  readonly device: string | null
  readonly requestId: string | null
}

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

/** How somebody wants to come in. */
export interface EntryWish {
  readonly delivery: Delivery
  readonly methods: readonly AuthMethod[]
}

/** Everything about who is asking, chapter by chapter; each is described where it is defined. */
export interface Accounts extends Authentication, SignInService, SignUpService, Sessions {}
