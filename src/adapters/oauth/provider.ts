import type { ProviderChecks, ProviderIdentity } from '../../ports/identity-providers.ts'

/** One provider: how it is asked, whatever protocol it speaks. What fails is thrown as it is. */
export interface Provider {
  authorizationUrl(checks: ProviderChecks, redirectUri: string): Promise<URL>
  /** `answer`: the redirect URI with the query of the callback. */
  redeem(checks: ProviderChecks, answer: URL): Promise<ProviderIdentity>
}
