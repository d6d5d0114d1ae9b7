import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { AccountPolicy } from '../account-policy.ts'

/** Whether the operator asks for a second factor of that user. */
export function mustHaveSecondFactor(
  { requireMfa }: Pick<AccountPolicy, 'requireMfa'>,
  { roles }: Pick<UserRecord, 'roles'>,
): boolean {
  return requireMfa === 'all' || (requireMfa === 'admins' && roles.includes('admin'))
}
