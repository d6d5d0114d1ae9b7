/**
 * A key that signs access tokens. `NEXT` is published but does not sign yet, `ACTIVE` signs, `RETIRED` only verifies until
 * the last token that it signed has expired.
 */
export interface SigningKeyRecord {
  /** RFC 7638 thumbprint. */
  readonly kid: string
  readonly state: 'NEXT' | 'ACTIVE' | 'RETIRED'
  /** JSON Web Keys as JSON; the private one is sealed. */
  readonly publicJwk: string
  readonly privateSealed: string
  readonly createdAt: number
  readonly retiredAt: number | null
}

export interface SigningKeys {
  insert(key: SigningKeyRecord): Promise<void>
  list(): Promise<readonly SigningKeyRecord[]>
  /** Compare-and-set on the state; says whether it was this call. */
  setState(kid: string, from: SigningKeyRecord['state'], to: SigningKeyRecord['state'], at: number): Promise<boolean>
  remove(kid: string): Promise<void>
  /** For the rotation of the root secret. */
  reseal(kid: string, privateSealed: string): Promise<void>
}
