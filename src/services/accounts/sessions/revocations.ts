import type { EventBody } from '../../../ports/event-log.ts'
import type { Records } from '../../../ports/store.ts'
import { keepFrom, retention } from '../../streams/retention.ts'

/** The topic on which every process hears whose credentials have changed or ended. */
export const revocationsTopic = 'revocations'

const revocationKinds = ['session', 'user', 'apiKey', 'signingKeys'] as const

/**
 * What is known of a credential must be forgotten: of one session, of all of a user's sessions and keys, or of one key.
 * `ends`: it is dead, and so are the streams that were opened with it; otherwise it only has to be looked up again.
 * `signingKeys`: the keys that sign access tokens have changed (`id` is one of them), and must be read again.
 */
export interface Revocation {
  readonly kind: (typeof revocationKinds)[number]
  readonly id: string
  readonly ends: boolean
}

/** Reads an event of the topic; `null` for what is no revocation. */
export function readRevocation({ kind, id, ends }: EventBody): Revocation | null {
  if (typeof id !== 'string' || typeof ends !== 'boolean') return null
  const known = revocationKinds.find((name) => name === kind)
  return known === undefined ? null : { kind: known, id, ends }
}

/**
 * Tells every process, in the transaction that makes it true. Append `revocations` before `sessions:…` in a transaction.
 * `at` is the time of it, ms since 1970.
 */
export async function revoke({ log }: Records, { kind, id, ends }: Revocation, at: number): Promise<void> {
  await log.append(revocationsTopic, { kind, id, ends }, { keep: keepFrom(at, retention.revocations) })
}
