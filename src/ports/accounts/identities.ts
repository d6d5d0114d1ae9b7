/** An account at an identity provider that is linked to a user. */
export interface IdentityRecord {
  readonly id: string
  readonly userId: string
  /** The name of the provider in the settings. */
  readonly provider: string
  /** What the provider calls the account for ever: `sub`, or GitHub's number. */
  readonly subject: string
  /** For the owner to tell them apart; never used to find somebody. */
  readonly email: string | null
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

export interface Identities {
  /** Enters it unless provider and subject are linked already; says whether it did. */
  insert(identity: IdentityRecord): Promise<boolean>
  find(provider: string, subject: string): Promise<IdentityRecord | null>
  /** Oldest first. */
  of(userId: string): Promise<readonly IdentityRecord[]>
  touch(id: string, at: number): Promise<void>
  remove(userId: string, id: string): Promise<boolean>
}
