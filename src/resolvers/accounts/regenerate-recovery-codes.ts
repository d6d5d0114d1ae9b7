import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

/** A new set of codes. */
export interface ShownRecoveryCodes {
  readonly codes: readonly string[]
}

export function regenerateRecoveryCodes(
  _root: unknown,
  _args: object,
  context: RequestContext,
): Promise<ShownRecoveryCodes | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['NOT_ENROLLED'], async () => ({
    codes: await services.accounts.regenerateRecoveryCodes(principal, client),
  }))
}
