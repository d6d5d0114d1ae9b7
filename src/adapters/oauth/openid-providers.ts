import type { Clock } from '../../core/clock.ts'
import { Refusal } from '../../core/errors.ts'
import type { IdentityProviders, ProviderDescription } from '../../ports/identity-providers.ts'
import type { Logger } from '../../ports/logger.ts'
import { githubProvider, type GithubSettings } from './github-provider.ts'
import { guardedFetch } from './guarded-fetch.ts'
import { issuerProvider, type IssuerSettings } from './issuer-provider.ts'
import type { Provider } from './provider.ts'
import type { ProviderConnection } from './provider-connection.ts'

export type ProviderSettings = IssuerSettings | GithubSettings

export interface OpenidProvidersOptions {
  readonly providers: readonly ProviderSettings[]
  /** Whether providers may be reached at addresses of this machine and its networks, and without TLS. */
  readonly allowPrivate: boolean
  readonly logger: Logger
  readonly clock: Clock
  /** For each request to a provider, from the look-up of its name to the end of the answer; 10 by default. */
  readonly timeoutSeconds?: number
}

/** No provider answers with more; the keys of a large one have some 20 KB. */
const maxAnswerBytes = 512 * 1024

/** Providers by openid-client. What a provider gives to act for the user (access and refresh tokens) is used at once and kept nowhere. */
export function openidProviders(options: OpenidProvidersOptions): IdentityProviders {
  const { allowPrivate, logger, clock } = options
  const connection: ProviderConnection = {
    fetch: guardedFetch({ allowPrivate, maxBytes: maxAnswerBytes }),
    allowInsecure: allowPrivate,
    timeoutSeconds: options.timeoutSeconds ?? 10,
  }
  const known = new Map<string, Provider>(
    options.providers.map((settings) => [
      settings.name,
      settings.kind === 'github' ? githubProvider(settings, connection) : issuerProvider(settings, connection, clock),
    ]),
  )

  async function ask<T>(name: string, question: (provider: Provider) => Promise<T>): Promise<T> {
    const provider = known.get(name)
    if (provider === undefined) throw new Refusal('UNKNOWN_PROVIDER', 'No identity provider of that name is set up.')
    try {
      return await question(provider)
    } catch (error) {
      logger.warn({ provider: name, reasons: reasonsOf(error) }, 'An identity provider did not confirm a sign-in.')
      throw new Refusal('PROVIDER_FAILED', 'The identity provider did not confirm the sign-in.')
    }
  }

  return {
    list: options.providers.map(describe),
    authorizationUrl: (name, checks, redirectUri) =>
      ask(name, async (provider) => (await provider.authorizationUrl(checks, redirectUri)).href),
    redeem: (name, checks, callback, redirectUri) =>
      ask(name, (provider) => {
        const answer = new URL(redirectUri)
        answer.search = callback.search
        return provider.redeem(checks, answer)
      }),
  }
}

function describe({ name, displayName, trustedEmail }: ProviderSettings): ProviderDescription {
  return { name, displayName, trustedEmail }
}

/** Sentences and codes of an error and its causes; not what else hangs on them, which may be tokens and claims. */
function reasonsOf(error: unknown): readonly string[] {
  const reasons: string[] = []
  let next: unknown = error
  while (next instanceof Error && reasons.length < 4) {
    const code = 'code' in next && typeof next.code === 'string' ? ` (${next.code})` : ''
    const named = 'error' in next && typeof next.error === 'string' ? `: ${next.error}` : ''
    reasons.push(`${next.message}${named}${code}`.slice(0, 300))
    next = next.cause
  }
  return reasons
}
