/** A TOTP secret (RFC 6238), sealed. */
export interface TotpRecord {
  readonly userId: string
  readonly secretSealed: string
  readonly createdAt: number
  /** `null`: somebody has begun to set it up; it is no factor yet. */
  readonly confirmedAt: number | null
  /** The newest time step whose code was used; `null`: none. */
  readonly lastStep: number | null
}

/** Second factors that are no passkeys: one TOTP secret and a set of recovery codes per user. */
export interface Factors {
  findTotp(userId: string): Promise<TotpRecord | null>
  /** Enters a pending secret, over another pending one; `false` when there is a confirmed one. */
  beginTotp(totp: Pick<TotpRecord, 'userId' | 'secretSealed' | 'createdAt'>): Promise<boolean>
  /** Confirms the pending secret that was begun at `createdAt` with the step of the code that was shown; whether it did. */
  confirmTotp(userId: string, createdAt: number, at: number, step: number): Promise<boolean>
  /** Uses the code of a step: only if it is newer than the last one (compare-and-set). Says whether it was this call. */
  useTotpStep(userId: string, step: number): Promise<boolean>
  removeTotp(userId: string): Promise<boolean>
  /** For the rotation of the root secret. */
  setTotpSecret(userId: string, secretSealed: string): Promise<void>
  listTotp(): Promise<readonly TotpRecord[]>

  /** Replaces the whole set by these hashes. */
  setRecoveryCodes(userId: string, hashes: readonly string[]): Promise<void>
  /** Uses an unused code up (compare-and-set); says whether it was this call. */
  useRecoveryCode(userId: string, hash: string, at: number): Promise<boolean>
  countRecoveryCodes(userId: string): Promise<number>
  removeRecoveryCodes(userId: string): Promise<void>
}
