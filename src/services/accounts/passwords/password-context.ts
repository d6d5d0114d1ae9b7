import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import { mustHaveSecondFactor } from '../factors/must-have-second-factor.ts'
import { secondFactorsOf } from '../factors/second-factors.ts'
import type { AccountParts } from '../parts.ts'
import type { PasswordContext } from './password-policy.ts'

/** By what a new password of the user is judged. */
export async function passwordContextOf(
  { policy }: Pick<AccountParts, 'policy'>,
  records: Records,
  user: UserRecord,
): Promise<Required<PasswordContext>> {
  const { email, displayName } = user
  const { methods } = await secondFactorsOf(records, user.id)
  return { email, displayName, isMfaEnforced: mustHaveSecondFactor(policy, user) && methods.length > 0 }
}
