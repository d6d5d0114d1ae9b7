/** What a one-time token is for. A token of one purpose is never taken for another. */
export const tokenPurposes = [
  'MFA',
  'STEP_UP',
  'PASSKEY_REGISTRATION',
  'PASSKEY_SIGN_IN',
  'OAUTH',
  'OAUTH_CODE',
  'EMAIL_VERIFICATION',
  'PASSWORD_RESET',
  'EMAIL_CHANGE',
  'EMAIL_CHANGE_UNDO',
  'INVITE',
] as const

export type TokenPurpose = (typeof tokenPurposes)[number]

/** Something that may be done once, by whoever holds the secret: of the secret only the SHA-256 is stored. */
export interface OneTimeTokenRecord {
  readonly id: string
  readonly purpose: TokenPurpose
  readonly secretHash: string
  readonly userId: string | null
  /** SHA-256 of the device cookie of the browser that it is bound to; `null`: of none. */
  readonly boundTo: string | null
  /** JSON; what of it is secret must be sealed. */
  readonly data: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly usedAt: number | null
  /** How often somebody tried, and failed, to answer it. */
  readonly attempts: number
}

/** Challenges, links in mails, transactions with providers and invites: everything that works once and not for long. */
export interface OneTimeTokens {
  insert(token: OneTimeTokenRecord): Promise<void>
  /** The token whether it can still be used or not. */
  find(id: string): Promise<OneTimeTokenRecord | null>
  /** Uses it up (compare-and-set): the token if it was unused and not expired until this call, `null` otherwise. */
  take(id: string, now: number): Promise<OneTimeTokenRecord | null>
  /** Counts one more attempt while there are fewer than `max` and it is unused and not expired; says whether it did. */
  countAttempt(id: string, max: number, now: number): Promise<boolean>
  /** Uses up all unused tokens of the user for that purpose, as a newer one or a change makes them void. */
  voidAll(userId: string, purpose: TokenPurpose, now: number): Promise<void>
  /** Unused and not expired tokens of a purpose without a user, newest first; at most `limit`. For lists of invites. */
  open(purpose: TokenPurpose, now: number, limit: number): Promise<readonly OneTimeTokenRecord[]>
  /** Forgets tokens that expired before `before`; at most `limit`; how many. */
  purge(before: number, limit: number): Promise<number>
}
