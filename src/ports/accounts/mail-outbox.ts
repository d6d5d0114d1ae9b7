/** A mail that waits to be sent, sealed as a whole: it may hold a link that works. */
export interface WaitingMail {
  readonly id: string
  readonly sealed: string
  readonly createdAt: number
  /** Not before. */
  readonly sendAt: number
  /** How often it has been claimed; the claim that gives it counts. */
  readonly attempts: number
}

/** Mails are entered in the transaction that they tell of, and sent afterwards: none is lost, and nobody waits for one. */
export interface MailOutbox {
  insert(mail: WaitingMail): Promise<void>
  count(): Promise<number>
  /** Takes at most `limit` that are due and puts them off until `leaseUntil`: two processes do not both send one. */
  claim(now: number, leaseUntil: number, limit: number): Promise<readonly WaitingMail[]>
  /** Tries again at `sendAt`. */
  putOff(id: string, sendAt: number): Promise<void>
  remove(id: string): Promise<void>
  /** For the rotation of the root secret. */
  list(): Promise<readonly WaitingMail[]>
  reseal(id: string, sealed: string): Promise<void>
}
