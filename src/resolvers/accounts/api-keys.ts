import type { ApiKey } from '../../services/accounts/api-keys/issue-api-key.ts'
import type { RequestContext } from '../context.ts'

export async function apiKeys(
  _root: unknown,
  _args: object,
  { services, principal }: RequestContext,
): Promise<ApiKey[]> {
  return [...(await services.accounts.apiKeys(principal))]
}
