import type { AuthMethod } from '../../core/auth-method.ts'
import type { Role } from '../../core/principal.ts'

/** A user as it is stored. `passwordHash` never leaves `services/accounts`. Times are ms since 1970. */
export interface UserRecord {
  readonly id: string
  readonly email: string
  /** When whoever owns the address confirmed it; `null`: not yet. */
  readonly emailVerifiedAt: number | null
  readonly displayName: string
  readonly roles: readonly Role[]
  /** `null`: there is no password (signs in by a provider or a passkey). */
  readonly passwordHash: string | null
  readonly createdAt: number
  readonly disabledAt: number | null
}

export type Delivery = 'COOKIE' | 'TOKENS'

/** A session as it is stored: of its secret only the SHA-256. */
export interface SessionRecord {
  readonly id: string
  readonly userId: string
  readonly secretHash: string
  /** Grows whenever the session's credentials are made anew (step-up, password change): older access tokens are dead. */
  readonly generation: number
  readonly delivery: Delivery
  readonly assurance: 1 | 2
  /** What was shown, in that order. */
  readonly methods: readonly AuthMethod[]
  /** When the factors were shown. */
  readonly authenticatedAt: number
  readonly createdAt: number
  /** Coarse: written at most once a minute. */
  readonly lastUsedAt: number
  /** The absolute end of its life. */
  readonly expiresAt: number
  readonly endedAt: number | null
  readonly ip: string | null
  readonly userAgent: string | null
}

/**
 * A refresh token: of its secret only the SHA-256. The tokens of one session are a family; all but the newest are retired,
 * and a retired one that is shown again gives the family away (RFC 9700 §4.14).
 */
export interface RefreshTokenRecord {
  readonly id: string
  readonly sessionId: string
  readonly secretHash: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly retiredAt: number | null
  /** The successor as it was given out, sealed, until the grace window is over: the same one is answered again. */
  readonly successorSealed: string | null
  readonly successorId: string | null
}

export interface UserPage {
  /** Part of the email address or the name; matched without regard to case. */
  readonly search: string | null
  /** Users with ids below it, as they are sorted newest first; `null`: from the start. */
  readonly before: string | null
  readonly limit: number
}

/**
 * Users, sessions and refresh tokens.
 * Emails are unique by `emailKey` (lower case, NFKC), which the service makes; two sign-ups at once: one gets `false`.
 * Whatever belongs to a user goes with them.
 */
export interface AccountRecords {
  /** Enters the user unless the email key is taken; says whether it did. */
  insertUser(user: UserRecord, emailKey: string): Promise<boolean>
  findUser(id: string): Promise<UserRecord | null>
  findUserByEmailKey(emailKey: string): Promise<UserRecord | null>
  listUsers(page: UserPage): Promise<readonly UserRecord[]>
  /** `null` takes the password away. */
  setPasswordHash(userId: string, passwordHash: string | null): Promise<void>
  /** Says whether it was done: `false` when the email key is taken by somebody else. */
  setEmail(
    userId: string,
    email: { readonly address: string; readonly key: string },
    verifiedAt: number | null,
  ): Promise<boolean>
  setEmailVerified(userId: string, at: number): Promise<void>
  setRoles(userId: string, roles: readonly Role[]): Promise<void>
  setDisabled(userId: string, at: number | null): Promise<void>
  deleteUser(userId: string): Promise<boolean>
  /** Administrators that are not disabled. */
  countAdmins(): Promise<number>
  /** The user handle of WebAuthn: 32 random bytes in base64url, the given one unless there is one already. */
  ensureUserHandle(userId: string, handle: string): Promise<string>

  insertSession(session: SessionRecord): Promise<void>
  findSession(id: string): Promise<SessionRecord | null>
  /** The user's sessions that have neither ended nor expired, newest first. */
  sessionsOf(userId: string, now: number): Promise<readonly SessionRecord[]>
  touchSession(id: string, at: number): Promise<void>
  /** Ends the session; says whether it was alive until now. */
  endSession(id: string, at: number): Promise<boolean>
  /** Ends the user's living sessions but `except`; the ids of those that it ended. */
  endSessionsOf(userId: string, at: number, except: string | null): Promise<readonly string[]>
  /**
   * Gives a living session new credentials and what it has been shown since. `generation` is what it must have been until
   * now (compare-and-set) and is one more afterwards; says whether it was done.
   */
  renewSession(
    id: string,
    generation: number,
    change: Pick<SessionRecord, 'secretHash' | 'assurance' | 'methods' | 'authenticatedAt'>,
  ): Promise<boolean>
  /** Lets the user's sessions count as shown one factor, whatever they were shown; what proves them stays. */
  lowerAssurance(userId: string): Promise<void>
  /** Forgets sessions that ended, or expired, before `before`; at most `limit`; how many. */
  purgeSessions(before: number, limit: number): Promise<number>

  insertRefreshToken(token: RefreshTokenRecord): Promise<void>
  findRefreshToken(id: string): Promise<RefreshTokenRecord | null>
  /** Retires a token that is not retired yet (compare-and-set); says whether it was this call that did. */
  retireRefreshToken(
    id: string,
    change: { readonly retiredAt: number; readonly successorId: string; readonly successorSealed: string },
  ): Promise<boolean>
  /** Retires all of a session's tokens without a successor, after a renewal of its credentials. */
  retireRefreshTokensOf(sessionId: string, at: number): Promise<void>
  /** Forgets the sealed successors of tokens that were retired before `before`. */
  forgetSuccessors(before: number): Promise<void>
}
