import type { ApiKeyWish } from '../../services/accounts/api-keys/api-key-settings.ts'
import type { IssuedApiKey } from '../../services/accounts/api-keys/issue-api-key.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function createApiKey(
  _root: unknown,
  { input }: { readonly input: ApiKeyWish },
  context: RequestContext,
): Promise<IssuedApiKey | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['INVALID_INPUT', 'QUOTA_EXCEEDED'], () =>
    services.accounts.createApiKey(input, client, principal),
  )
}
