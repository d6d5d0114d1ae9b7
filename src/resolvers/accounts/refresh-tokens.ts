import type { TokenPair } from '../../services/accounts/entered.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

/** Sets and clears no cookie: whoever lost a race for the token must not undo what the winner got. */
export function refreshTokens(
  _root: unknown,
  { refreshToken }: { readonly refreshToken: string },
  context: RequestContext,
): Promise<{ readonly tokens: TokenPair } | Refused> {
  const { services, client } = context
  return outcome(context, ['INVALID_REFRESH_TOKEN', 'RATE_LIMITED'], async () => ({
    tokens: await services.accounts.refreshTokens(refreshToken, client),
  }))
}
