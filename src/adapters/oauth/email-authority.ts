/** What an issuer may say of an address and of the organisation that hosts it (`hd`, of Google). */
export interface EmailClaims {
  readonly email?: unknown
  readonly hd?: unknown
}

/**
 * Whether an issuer that calls an address verified knows who owns it today. Some say so also when they asked once, long ago:
 * Google hosts the addresses of its own domains and those of accounts with `hd`, and no others
 * (https://developers.google.com/identity/gsi/web/guides/verify-google-id-token).
 */
export function isEmailAuthority(issuer: string, claims: EmailClaims): boolean {
  return exceptions.get(issuer)?.(claims) ?? true
}

const exceptions: ReadonlyMap<string, (claims: EmailClaims) => boolean> = new Map([
  [
    'https://accounts.google.com',
    ({ email, hd }) =>
      (typeof hd === 'string' && hd !== '') || (typeof email === 'string' && /@g(?:oogle)?mail\.com$/i.test(email)),
  ],
])
