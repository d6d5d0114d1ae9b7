import type { ErrorCode } from '../../../core/errors.ts'
import type { MfaRequired } from '../entered.ts'
import type { OAuthWish } from './oauth-wish.ts'

/** Where a transaction leads back to, and who waits there: a page, or a program. */
type Way = Pick<OAuthWish, 'redirectTo' | 'codeChallenge'>

/** What is told there: to a page in the fragment, which no server sees; to a program in the query (RFC 6749 §4.1.2). */
function landing({ redirectTo, codeChallenge }: Way, facts: Readonly<Record<string, string>>): string {
  const url = new URL(redirectTo)
  if (codeChallenge === null) url.hash = new URLSearchParams(facts).toString()
  else for (const [name, value] of Object.entries(facts)) url.searchParams.set(name, value)
  return url.href
}

/** `error`: the code of a refusal. */
export function refusedAddress(way: Way, error: ErrorCode): string {
  return landing(way, { error })
}

/** `code`: for `exchangeOAuthCode` or `finishIdentityLink`. */
export function codeAddress(way: Way, code: string): string {
  return landing(way, { code })
}

/** `linked`: the provider's name. */
export function linkedAddress(way: Way, linked: string): string {
  return landing(way, { linked })
}

/** `mfa`: the challenge token for `completeMfa`, with what can be shown for it. */
export function mfaAddress(way: Way, { challengeToken, methods, expiresAt, passkeyOptions }: MfaRequired): string {
  return landing(way, {
    mfa: challengeToken,
    methods: methods.join(','),
    expiresAt: new Date(expiresAt).toISOString(),
    ...(passkeyOptions !== null && { passkeyOptions: JSON.stringify(passkeyOptions) }),
  })
}
