import type { SigningKey } from '../../services/accounts/keys/signing-keys.ts'
import type { RequestContext } from '../context.ts'

export async function rotateSigningKeys(
  _root: unknown,
  _args: object,
  { services, principal, client }: RequestContext,
): Promise<SigningKey[]> {
  return [...(await services.accounts.rotateSigningKeys(principal, client))]
}
