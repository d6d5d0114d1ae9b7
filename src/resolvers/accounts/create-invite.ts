import type { Role } from '../../core/principal.ts'
import type { IssuedInvite } from '../../services/accounts/administration/invites.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

interface Arguments {
  readonly email?: string | null | undefined
  readonly roles: readonly Role[]
  readonly expiresInHours: number
}

const expected = ['INVALID_INPUT', 'EMAIL_TAKEN', 'SIGN_UP_CLOSED', 'QUOTA_EXCEEDED'] as const

export function createInvite(
  _root: unknown,
  { email = null, ...wish }: Arguments,
  context: RequestContext,
): Promise<IssuedInvite | Refused> {
  const { services, client, principal } = context
  return outcome(context, expected, () => services.accounts.createInvite({ email, ...wish }, client, principal))
}
