import type { Records } from '../../../ports/store.ts'

/** The topic on which every process hears whose credentials have changed or ended. */
export const revocationsTopic = 'revocations'

/**
 * What is known of a credential must be forgotten: of one session, of all of a user's sessions and keys, or of one key.
 * `ends`: it is dead, and so are the streams that were opened with it; otherwise it only has to be looked up again.
 */
export interface Revocation {
  readonly kind: 'session' | 'user' | 'apiKey'
  readonly id: string
  readonly ends: boolean
}

/** Tells every process, in the transaction that makes it true. Append `revocations` before `sessions:…` in a transaction. */
export async function revoke({ log }: Records, { kind, id, ends }: Revocation): Promise<void> {
  await log.append(revocationsTopic, { kind, id, ends })
}
