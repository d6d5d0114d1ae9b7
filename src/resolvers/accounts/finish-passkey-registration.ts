import type { PasskeyAnswer } from '../../services/accounts/passkeys/passkey-sign-in.ts'
import type { PasskeyAdded } from '../../services/accounts/passkeys/register-passkey.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import { assertRenewable, showSession } from './begin-session.ts'
import type { ShownSignIn } from './shown-session.ts'

/** A new passkey, with what the present session is proven by from now on. */
export interface ShownPasskeyAdded extends Pick<PasskeyAdded, 'passkey' | 'recoveryCodes'> {
  readonly renewed: ShownSignIn
}

const expected = [
  'INVALID_INPUT',
  'INVALID_CHALLENGE',
  'INVALID_CODE',
  'ALREADY_ENROLLED',
  'QUOTA_EXCEEDED',
  'RATE_LIMITED',
] as const

export function finishPasskeyRegistration(
  _root: unknown,
  args: PasskeyAnswer & { readonly name?: string | null | undefined },
  context: RequestContext,
): Promise<ShownPasskeyAdded | Refused> {
  const { services, client, principal } = context
  return outcome(context, expected, async () => {
    await assertRenewable(context)
    const input = { ...args, name: args.name ?? null }
    const { renewed, ...added } = await services.accounts.finishPasskeyRegistration(input, client, principal)
    return { ...added, renewed: showSession(context, renewed) }
  })
}
