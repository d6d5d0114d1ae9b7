import type { DeletedAccount } from '../../services/accounts/emails/account-deletion.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function deleteAccount(
  _root: unknown,
  { email }: { readonly email: string },
  context: RequestContext,
): Promise<DeletedAccount | Refused> {
  const { services, client, principal, sessionCookie } = context
  return outcome(context, ['INVALID_INPUT', 'LAST_ADMINISTRATOR'], async () => {
    const deleted = await services.accounts.deleteAccount(email, client, principal)
    sessionCookie?.clear()
    return deleted
  })
}
