import { Refusal } from '../../../core/errors.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'

/**
 * Throws `LAST_ADMINISTRATOR` when a change of that user has left none; call it after the change, in its transaction: of two
 * administrators who end each other at once the second then fails.
 */
export async function assertAdministratorLeft({ accounts }: Records, before: UserRecord): Promise<void> {
  const wasAdministrator = before.roles.includes('admin') && before.disabledAt === null
  if (!wasAdministrator || (await accounts.countAdmins()) > 0) return
  throw new Refusal('LAST_ADMINISTRATOR', 'Make somebody else an administrator first.')
}
