import { Refusal } from '../../core/errors.ts'
import type { Records } from '../../ports/store.ts'

/**
 * Throws `UNAUTHENTICATED` when the owner's account was deleted while the request was under way: what is entered after all of
 * theirs was cleared away would stay.
 */
export async function assertOwnerThere({ retention }: Pick<Records, 'retention'>, ownerId: string): Promise<void> {
  if (await retention.isDeparted(ownerId)) throw new Refusal('UNAUTHENTICATED', 'The account was deleted.')
}
