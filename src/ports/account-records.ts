import type { Role } from '../core/principal.ts'

/** A user as it is stored. `passwordHash` never leaves `services/accounts`. Times are ms since 1970. */
export interface UserRecord {
  readonly id: string
  readonly email: string
  readonly displayName: string
  readonly roles: readonly Role[]
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
  readonly delivery: Delivery
  readonly assurance: 1 | 2
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
 * Users and sessions.
 * Emails are unique by `emailKey` (lower case, NFKC), which the service makes; two sign-ups at once: one gets `false`.
 */
export interface AccountRecords {
  /** Enters the user unless the email key is taken; says whether it did. */
  insertUser(user: UserRecord, emailKey: string): Promise<boolean>
  findUser(id: string): Promise<UserRecord | null>
  findUserByEmailKey(emailKey: string): Promise<UserRecord | null>
  setPasswordHash(userId: string, passwordHash: string): Promise<void>
  countAdmins(): Promise<number>
  insertSession(session: SessionRecord): Promise<void>
  findSession(id: string): Promise<SessionRecord | null>
  /** The user's sessions that have neither ended nor expired, newest first. */
  sessionsOf(userId: string, now: number): Promise<readonly SessionRecord[]>
  touchSession(id: string, at: number): Promise<void>
  /** Ends the session; says whether it was alive until now. */
  endSession(id: string, at: number): Promise<boolean>
}
