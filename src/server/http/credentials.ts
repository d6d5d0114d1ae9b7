import { Refusal } from '../../core/errors.ts'
import type { Credentials } from '../../services/accounts/authentication/authentication.ts'

/** The headers that may carry a credential, as they came. */
export interface CredentialHeaders {
  readonly apiKey: string | null
  readonly authorization: string | null
  readonly cookie: string | null
}

const longest = 4096
/** RFC 6750 section 2.1. */
const bearerShape = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i
const visible = /^[\x21-\x7e]+$/

/**
 * The credentials in the headers. Throws `UNAUTHENTICATED` for a header that is no credential of a kind known here, and
 * `BAD_REQUEST` for a session cookie that came twice: which of the two was meant cannot be known.
 */
export function readCredentials(headers: CredentialHeaders, cookieName: string): Credentials {
  return {
    apiKey: headers.apiKey === null ? null : readApiKey(headers.apiKey),
    bearer: headers.authorization === null ? null : readBearer(headers.authorization),
    sessionCookie: headers.cookie === null ? null : readCookie(headers.cookie, cookieName),
  }
}

function readApiKey(value: string): string {
  if (value.length <= longest && visible.test(value)) return value
  throw new Refusal('UNAUTHENTICATED', 'The header x-api-key does not hold an API key.')
}

function readBearer(value: string): string {
  const token = value.length <= longest ? bearerShape.exec(value)?.[1] : undefined
  if (token !== undefined) return token
  throw new Refusal('UNAUTHENTICATED', 'The header Authorization must read "Bearer" and a token.')
}

/** The cookie of that name; `null` when there is none. Other cookies are not looked at. Throws `BAD_REQUEST` for one that came twice. */
export function readCookie(header: string, name: string): string | null {
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  if (values.length > 1) throw new Refusal('BAD_REQUEST', `The cookie ${name} was sent more than once.`)
  return values[0] === undefined ? null : decode(values[0])
}

/** Undoes the escapes that the cookie was written with; what is no valid escape stays, and is no valid session either. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
