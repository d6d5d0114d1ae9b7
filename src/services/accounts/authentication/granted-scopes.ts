import { type Scope, scopesOf } from '../../../core/principal.ts'
import type { SessionRecord, UserRecord } from '../../../ports/accounts/account-records.ts'
import { mustHaveSecondFactor } from '../factors/must-have-second-factor.ts'
import type { AccountPolicy } from '../account-policy.ts'

/** What a session may do, and whether a second factor must be set up first. */
export interface Grant {
  readonly scopes: readonly Scope[]
  readonly mustEnrol: boolean
}

/**
 * The scopes of a session: all of its user's, as the roles stand now. Where the operator asks for a second factor and only
 * one was shown, it may read the account and nothing else, for administrators as for everybody: enough to set one up.
 */
export function grantedScopes(
  user: Pick<UserRecord, 'roles'>,
  { assurance }: Pick<SessionRecord, 'assurance'>,
  policy: Pick<AccountPolicy, 'requireMfa'>,
): Grant {
  if (assurance === 1 && mustHaveSecondFactor(policy, user)) return { scopes: ['account:read'], mustEnrol: true }
  return { scopes: scopesOf(user.roles), mustEnrol: false }
}
