import { InvalidInputError } from '../../../core/errors.ts'
import type { AccountPolicy } from '../account-policy.ts'

const maxLength = 2000

/** Browsers read a backslash as a slash and leave out what cannot be seen: with either, an address is not what it looks like. */
const deceptive = /[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]/u

/**
 * The whole address that a sign-in leads back to: a path of the app, an address of an allowed origin, or the very address of
 * an app that is listed. Throws an `InvalidInputError` for everything else: an open redirect would lend this server's name to
 * whoever wants to catch codes (RFC 9700 §4.11).
 */
export function readRedirect(text: string, policy: Pick<AccountPolicy, 'appUrl' | 'redirects'>): string {
  if (text.length > maxLength || deceptive.test(text) || text.includes('#')) throw refused()
  const app = policy.appUrl()
  if (text.startsWith('/')) {
    const url = URL.parse(text, app)
    // Two slashes begin another host.
    if (text.startsWith('//') || url?.origin !== new URL(app).origin) throw refused()
    return url.href
  }
  const allowed = policy.redirects()
  if (!/^https?:\/\//.test(text)) {
    if (allowed.includes(text)) return text
    throw refused()
  }
  const url = URL.parse(text)
  if (url === null || url.username + url.password !== '') throw refused()
  if (url.origin === new URL(app).origin || allowed.includes(url.origin)) return url.href
  throw refused()
}

function refused(): InvalidInputError {
  const message = 'It must be a path such as /signed-in, or an address that OAUTH_REDIRECTS or CORS_ORIGINS allows.'
  return new InvalidInputError([{ path: ['redirectTo'], message }])
}
