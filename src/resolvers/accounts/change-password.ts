import type { ChangePasswordInput } from '../../services/accounts/passwords/change-password.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import { assertRenewable, showSession } from './begin-session.ts'
import type { ShownSignIn } from './shown-session.ts'

export function changePassword(
  _root: unknown,
  { input }: { readonly input: ChangePasswordInput },
  context: RequestContext,
): Promise<ShownSignIn | Refused> {
  return outcome(context, ['INVALID_INPUT', 'INVALID_CREDENTIALS', 'RATE_LIMITED'], async () => {
    await assertRenewable(context)
    const { services, client, principal } = context
    return showSession(context, await services.accounts.changePassword(input, client, principal))
  })
}
