import type { Scope } from '../../core/principal.ts'

/** An API key: of its secret only the SHA-256. */
export interface ApiKeyRecord {
  readonly id: string
  readonly userId: string
  readonly name: string
  readonly secretHash: string
  /** The last four characters of the key, to tell keys apart. */
  readonly lastFour: string
  readonly scopes: readonly Scope[]
  /** Addresses and CIDR ranges that may use it; empty: all. */
  readonly allowedIps: readonly string[]
  /** Requests a minute. */
  readonly requestsPerMinute: number
  readonly createdAt: number
  /** `null`: never. */
  readonly expiresAt: number | null
  /** Coarse: written at most once a minute. */
  readonly lastUsedAt: number | null
  readonly revokedAt: number | null
  /** The key that replaces it, with `expiresAt` at the end of the overlap. */
  readonly successorId: string | null
}

export interface ApiKeys {
  insert(key: ApiKeyRecord): Promise<void>
  find(id: string): Promise<ApiKeyRecord | null>
  /** All that are neither revoked nor expired, newest first. */
  of(userId: string, now: number): Promise<readonly ApiKeyRecord[]>
  /** Says whether it was alive until now. */
  revoke(userId: string, id: string, at: number): Promise<boolean>
  revokeAll(userId: string, at: number): Promise<readonly string[]>
  /** Ends it at `expiresAt` in favour of another, unless it was replaced already; says whether it did. */
  replace(userId: string, id: string, successorId: string, expiresAt: number): Promise<boolean>
  touch(uses: ReadonlyMap<string, number>): Promise<void>
  /** Removes keys that were revoked or expired before `before`; at most `limit`; how many. */
  purge(before: number, limit: number): Promise<number>
}
