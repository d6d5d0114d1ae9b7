import { Refusal } from '../../core/errors.ts'
import type { Records } from '../../ports/store.ts'
import type { AccountParts } from './parts.ts'

/**
 * Throws `LAST_WAY_IN`, which undoes the caller's transaction, unless the user can still sign in: by a password, a passkey,
 * or an account at a provider that is set up.
 */
export async function assertWayIn(
  { providers }: Pick<AccountParts, 'providers'>,
  { accounts, passkeys, identities }: Records,
  userId: string,
): Promise<void> {
  const user = await accounts.findUser(userId)
  if (user?.passwordHash !== null) return
  if ((await passkeys.of(userId)).some(({ flaggedAt }) => flaggedAt === null)) return
  const linked = await identities.of(userId)
  if (linked.some(({ provider }) => providers.list.some(({ name }) => name === provider))) return
  throw new Refusal('LAST_WAY_IN', 'Without it you could not sign in any more: set a password or add a passkey first.')
}
