import type { OAuthStartInput } from '../../services/accounts/identities/oauth.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import { enteringClient } from './begin-session.ts'

/** Where the browser is to be sent to. */
export interface OAuthStart {
  readonly authorizationUrl: string
}

const expected = ['INVALID_INPUT', 'UNKNOWN_PROVIDER', 'PROVIDER_FAILED', 'RATE_LIMITED'] as const

export function startOAuthSignIn(
  _root: unknown,
  { input }: { readonly input: OAuthStartInput },
  context: RequestContext,
): Promise<OAuthStart | Refused> {
  return outcome(context, expected, async () => {
    const client = enteringClient(context, input.delivery)
    return { authorizationUrl: await context.services.accounts.startOAuthSignIn(input, client) }
  })
}
