import type { HandOffInput } from '../../services/accounts/identities/hand-off.ts'
import type { Identity } from '../../services/accounts/identities/identity-links.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

/** The identity that was linked or unlinked. */
export interface IdentityChange {
  readonly identity: Identity
}

export function finishIdentityLink(
  _root: unknown,
  { input }: { readonly input: HandOffInput },
  context: RequestContext,
): Promise<IdentityChange | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['INVALID_TOKEN', 'IDENTITY_TAKEN', 'RATE_LIMITED'], async () => ({
    identity: await services.accounts.finishIdentityLink(input, client, principal),
  }))
}
