import type { Passkey } from '../../services/accounts/passkeys/outward-passkey.ts'
import type { RequestContext } from '../context.ts'

export async function passkeys(
  _root: unknown,
  _args: object,
  { services, principal }: RequestContext,
): Promise<Passkey[]> {
  return [...(await services.accounts.passkeys(principal))]
}
