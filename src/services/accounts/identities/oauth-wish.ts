import { InvalidInputError, type InputIssue, Refusal } from '../../../core/errors.ts'
import type { ProviderDescription } from '../../../ports/identity-providers.ts'
import type { AccountParts } from '../parts.ts'
import { isCodeChallenge } from './code-challenge.ts'
import { readRedirect } from './redirect-target.ts'

/** What somebody wants of a provider, as it came. */
export interface OAuthInput {
  readonly provider: string
  readonly redirectTo: string
  readonly codeChallenge?: string | null | undefined
}

/** The same, found to be in order. */
export interface OAuthWish {
  readonly provider: ProviderDescription
  /** A whole address. */
  readonly redirectTo: string
  /**
   * `null`: what comes of it is for the browser that asks. Otherwise it is for the program that made the challenge, and the
   * browser gets a code that is of use to nobody else (RFC 7636, as RFC 8252 §8.1 asks for).
   */
  readonly codeChallenge: string | null
}

/** Throws `UNKNOWN_PROVIDER` and `InvalidInputError`. */
export function readOAuthWish(
  { providers, policy }: Pick<AccountParts, 'providers' | 'policy'>,
  input: OAuthInput,
): OAuthWish {
  const { codeChallenge = null } = input
  const provider = findProvider({ providers }, input.provider)
  const issue: InputIssue = {
    path: ['codeChallenge'],
    message: 'It must be the SHA-256 of the verifier in base64url (S256).',
  }
  if (codeChallenge !== null && !isCodeChallenge(codeChallenge)) throw new InvalidInputError([issue])
  return { provider, redirectTo: readRedirect(input.redirectTo, policy), codeChallenge }
}

/** Throws `UNKNOWN_PROVIDER`. */
function findProvider({ providers }: Pick<AccountParts, 'providers'>, name: string): ProviderDescription {
  const provider = providers.list.find((known) => known.name === name)
  if (provider === undefined) throw new Refusal('UNKNOWN_PROVIDER', 'No identity provider of that name is set up.')
  return provider
}

/**
 * Where a program sends the browser: this server starts the transaction there, so that it is bound to the browser that
 * comes back, and to no other.
 */
export function oauthLink(
  { policy }: Pick<AccountParts, 'policy'>,
  { provider, redirectTo, codeChallenge }: OAuthWish,
): string {
  const query = new URLSearchParams({ redirectTo, ...(codeChallenge !== null && { codeChallenge }) })
  return `${policy.publicUrl()}/auth/oauth/${provider.name}?${query}`
}

/** Where the provider sends the browser back to. */
export function callbackUrl({ policy }: Pick<AccountParts, 'policy'>, provider: string): string {
  return `${policy.publicUrl()}/auth/oauth/${provider}/callback`
}
