/** A WebAuthn credential. Binary values are base64url. */
export interface PasskeyRecord {
  readonly id: string
  readonly userId: string
  readonly credentialId: string
  /** COSE key. */
  readonly publicKey: string
  readonly counter: number
  readonly transports: readonly string[]
  readonly aaguid: string
  readonly name: string
  /** BE and BS of WebAuthn §6.1. */
  readonly backupEligible: boolean
  readonly backedUp: boolean
  readonly createdAt: number
  readonly lastUsedAt: number | null
  /** When its counter went backwards: it may have been cloned, and is not accepted any more. */
  readonly flaggedAt: number | null
}

export interface PasskeyRecords {
  /** Enters it unless its credential id is known, of whatever user; says whether it did. */
  insert(passkey: PasskeyRecord): Promise<boolean>
  findByCredentialId(credentialId: string): Promise<PasskeyRecord | null>
  /** The user whose handle it is. */
  userOfHandle(handle: string): Promise<string | null>
  /** Oldest first. */
  of(userId: string): Promise<readonly PasskeyRecord[]>
  /** Notes a use if the counter is still `from` and it is not flagged (compare-and-set); says whether it did. */
  use(id: string, from: number, change: Pick<PasskeyRecord, 'counter' | 'backedUp' | 'lastUsedAt'>): Promise<boolean>
  flag(id: string, at: number): Promise<void>
  rename(userId: string, id: string, name: string): Promise<boolean>
  remove(userId: string, id: string): Promise<boolean>
  removeAll(userId: string): Promise<void>
}
