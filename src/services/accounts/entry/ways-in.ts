import type { ProviderDescription } from '../../../ports/identity-providers.ts'
import type { AccountPolicy } from '../account-policy.ts'
import type { AccountParts } from '../parts.ts'

/** What a page for signing in can offer besides a password: the same to everybody. */
export interface WaysIn {
  /** Whether the page's address is one at which browsers offer passkeys. */
  readonly passkeys: boolean
  readonly providers: readonly Pick<ProviderDescription, 'name' | 'displayName'>[]
  readonly signUp: AccountPolicy['signUp']
}

export interface WaysInService {
  waysIn(): WaysIn
}

export function createWaysIn({ policy, providers }: Pick<AccountParts, 'policy' | 'providers'>): WaysInService {
  return {
    waysIn: () => ({
      passkeys: mayHavePasskeys(new URL(policy.appUrl())),
      providers: providers.list.map(({ name, displayName }) => ({ name, displayName })),
      signUp: policy.signUp,
    }),
  }
}

/** A secure context (https, or this machine) with a name, as a relying party id cannot be an IP address (WebAuthn §5.1.3). */
function mayHavePasskeys({ protocol, hostname }: URL): boolean {
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost')
  const isAddress = hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(hostname)
  return (protocol === 'https:' || isLocal) && !isAddress
}
