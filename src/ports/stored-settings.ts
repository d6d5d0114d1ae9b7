/** Small named values that outlive restarts, such as the hash of the set-up token. Not for secrets as they are. */
export interface StoredSettings {
  get(name: string): Promise<string | null>
  /**
   * Sets the value, or removes it with `null`. With `expected` it is a compare-and-set on the value that is stored now.
   * Says whether it was done.
   */
  set(name: string, value: string | null, expected?: string | null): Promise<boolean>
}
