import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import { assertRenewable, showSession } from './begin-session.ts'
import type { ShownSignIn } from './shown-session.ts'

/** An authenticator app that works, with what the present session is proven by from now on. */
export interface ShownTotpConfirmed {
  readonly recoveryCodes: readonly string[] | null
  readonly renewed: ShownSignIn
}

const expected = ['INVALID_CODE', 'NOT_ENROLLED', 'ALREADY_ENROLLED', 'RATE_LIMITED'] as const

export function confirmTotp(
  _root: unknown,
  { code }: { readonly code: string },
  context: RequestContext,
): Promise<ShownTotpConfirmed | Refused> {
  return outcome(context, expected, async () => {
    await assertRenewable(context)
    const { services, client, principal } = context
    const { recoveryCodes, signedIn } = await services.accounts.confirmTotp(code, principal, client)
    return { recoveryCodes, renewed: showSession(context, signedIn) }
  })
}
