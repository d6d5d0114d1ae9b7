import type { OAuthInput } from '../../services/accounts/identities/oauth-wish.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import { enteringClient } from './begin-session.ts'
import type { OAuthStart } from './start-oauth-sign-in.ts'

const expected = ['INVALID_INPUT', 'UNKNOWN_PROVIDER', 'PROVIDER_FAILED', 'RATE_LIMITED'] as const

export function startIdentityLink(
  _root: unknown,
  { input }: { readonly input: OAuthInput },
  context: RequestContext,
): Promise<OAuthStart | Refused> {
  return outcome(context, expected, async () => {
    const { services, principal } = context
    const client = enteringClient(context, (input.codeChallenge ?? null) === null ? 'COOKIE' : 'TOKENS')
    return { authorizationUrl: await services.accounts.startIdentityLink(input, client, principal) }
  })
}
