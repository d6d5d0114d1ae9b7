import { Refusal } from '../../core/errors.ts'
import type { IdentityProviders } from '../../ports/identity-providers.ts'

/** No provider is set up. */
export function openidProviders(): IdentityProviders {
  const unknown = async () => {
    throw new Refusal('UNKNOWN_PROVIDER', 'No identity provider of that name is set up.')
  }
  return { list: [], authorizationUrl: unknown, redeem: unknown }
}
