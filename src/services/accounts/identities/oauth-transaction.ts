import { newSecret } from '../../../core/secrets.ts'
import type { OneTimeTokenRecord } from '../../../ports/accounts/one-time-tokens.ts'
import type { ProviderChecks } from '../../../ports/identity-providers.ts'
import { newOneTimeToken, takeToken } from '../one-time-token.ts'
import type { AccountParts } from '../parts.ts'
import type { SessionPrincipal } from '../session-of.ts'
import { callbackUrl, type OAuthWish } from './oauth-wish.ts'

const lifetimeMs = 10 * 60 * 1000

/** What is remembered while the browser is at the provider. */
export interface OAuthTransaction extends Omit<OAuthWish, 'provider'> {
  /** By its name: whoever answers must be that one (RFC 9700 §4.4). */
  readonly provider: string
  /** The session that the identity is to be linked to; `null`: somebody signs in. */
  readonly link: Pick<SessionPrincipal, 'userId' | 'sessionId'> | null
  /** The transaction's token is the `state`. */
  readonly checks: ProviderChecks
}

interface StoredTransaction extends Omit<OAuthTransaction, 'checks'> {
  /** Nonce and verifier. */
  readonly sealed: string
}

type TransactionParts = Pick<AccountParts, 'store' | 'clock' | 'policy' | 'providers' | 'sealer'>

/** Begins a transaction for the browser with that device cookie; gives the provider's address. Throws `PROVIDER_FAILED`. */
export async function beginTransaction(
  parts: TransactionParts,
  { provider, redirectTo, codeChallenge }: OAuthWish,
  device: string | null,
  link: SessionPrincipal | null,
): Promise<string> {
  if (device === null) throw new TypeError('A transaction with a provider needs the cookie of a browser.')
  const { store, clock, sealer } = parts
  const { token, record } = newOneTimeToken({
    purpose: 'OAUTH',
    userId: link?.userId ?? null,
    boundTo: device,
    now: clock.now(),
    lifetimeMs,
  })
  const secrets = { nonce: newSecret(), codeVerifier: newSecret() }
  const checks = { state: token, ...secrets }
  const address = await parts.providers.authorizationUrl(provider.name, checks, callbackUrl(parts, provider.name))
  const stored: StoredTransaction = {
    provider: provider.name,
    redirectTo,
    codeChallenge,
    link: link === null ? null : { userId: link.userId, sessionId: link.sessionId },
    sealed: sealer.seal(JSON.stringify(secrets), sealContext(record)),
  }
  await store.write(({ oneTimeTokens }) => oneTimeTokens.insert({ ...record, data: JSON.stringify(stored) }))
  return address
}

/** Uses the transaction of a `state` up, before anything is asked of the provider; `null` for what is none of that browser. */
export async function takeTransaction(
  { store, clock, sealer }: TransactionParts,
  state: string,
  device: string | null,
): Promise<OAuthTransaction | null> {
  const record = await takeToken(store, state, { purpose: 'OAUTH', device, now: clock.now() })
  if (record === null) return null
  const { sealed, ...stored } = JSON.parse(record.data) as StoredTransaction // as it was entered
  const secrets = JSON.parse(sealer.open(sealed, sealContext(record))) as Omit<ProviderChecks, 'state'> // as it was sealed
  return { ...stored, checks: { state, ...secrets } }
}

function sealContext({ id }: OneTimeTokenRecord): string {
  return `one_time_tokens.data ${id}`
}
