/** Browsers that have signed in to an account before, by the SHA-256 of their device cookie. At most 20 per user are kept. */
export interface KnownDevices {
  /** Whether the device has signed in to the account after `since`. */
  has(userId: string, deviceHash: string, since: number): Promise<boolean>
  /** The SHA-256 of all of them, in no order. */
  of(userId: string): Promise<readonly string[]>
  note(userId: string, deviceHash: string, at: number): Promise<void>
  removeAll(userId: string): Promise<void>
}
