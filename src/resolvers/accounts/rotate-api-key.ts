import type { IssuedApiKey } from '../../services/accounts/api-keys/issue-api-key.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

export function rotateApiKey(
  _root: unknown,
  rotation: { readonly id: string; readonly overlapSeconds: number },
  context: RequestContext,
): Promise<IssuedApiKey | Refused> {
  const { services, client, principal } = context
  return outcome(context, ['INVALID_INPUT', 'QUOTA_EXCEEDED'], () =>
    services.accounts.rotateApiKey(rotation, client, principal),
  )
}
