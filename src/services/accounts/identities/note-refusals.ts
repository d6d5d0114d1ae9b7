import { Refusal } from '../../../core/errors.ts'
import type { AccountParts } from '../parts.ts'
import type { Asker } from './attach-identity.ts'

/** What was tried with a provider. */
export interface Attempt extends Asker {
  readonly event: 'SIGN_IN_FAILED' | 'IDENTITY_LINKED'
  readonly provider: string
  /** The user whom it was for, where that is known. */
  readonly subjectId: string | null
}

/** Does the work, and writes a refusal of it down as a failed attempt. */
export async function noteRefusals<T>(
  { store, audit }: Pick<AccountParts, 'store' | 'audit'>,
  { event, provider, subjectId, client, present: by }: Attempt,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const details = { provider, reason: error.code }
    const facts = { event, outcome: 'FAILURE', by, client, subjectId, methods: ['OAUTH'], details } as const
    await store.write((records) => audit(records, facts))
    throw error
  }
}
