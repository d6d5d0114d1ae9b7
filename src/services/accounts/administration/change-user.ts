import { NotFoundError } from '../../../core/errors.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { AccountParts } from '../parts.ts'
import { type Administrator, assertAdministrator } from './administrator.ts'

/** One change of one user, in its transaction. */
export interface UserChange {
  readonly records: Records
  /** As they were until now. */
  readonly user: UserRecord
  readonly now: number
}

/** Changes a user for an administrator. Throws as `assertAdministrator` does, and `NOT_FOUND`. */
export function changeUser<T>(
  { store, clock }: Pick<AccountParts, 'store' | 'clock'>,
  id: string,
  by: Administrator,
  work: (change: UserChange) => Promise<T>,
): Promise<T> {
  return store.write(async (records) => {
    const now = clock.now()
    await assertAdministrator(records, by, now)
    const user = await records.accounts.findUser(id)
    if (user === null) throw new NotFoundError('user')
    return work({ records, user, now })
  })
}
