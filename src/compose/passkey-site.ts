/** The site that passkeys are for: its id in WebAuthn, and the origins of the pages on which they are used. */
export interface PasskeySite {
  readonly rpName: string
  readonly rpId: () => string
  readonly origins: () => readonly string[]
}

export interface PasskeySettings {
  readonly passkeyRpId: string | null
  readonly appUrl: string | null
  readonly corsOrigins: readonly string[]
}

/** By default the host that people see in their browser: of the app, or of this server. */
export function passkeySite(
  { passkeyRpId, appUrl, corsOrigins }: PasskeySettings,
  address: { publicUrl(): string; origins(): readonly string[] },
): PasskeySite {
  return {
    rpName: 'Millrace',
    rpId: () => passkeyRpId ?? new URL(appUrl ?? address.publicUrl()).hostname,
    origins: () => [...new Set([...address.origins(), ...(appUrl === null ? [] : [appUrl]), ...corsOrigins])],
  }
}

/** What is wrong with the setting PASSKEY_RP_ID; `null` when it fits the addresses. */
export function rpIdMistake(rpId: string | null, appUrl: string | null, publicUrl: string | null): string | null {
  const page = appUrl ?? publicUrl
  if (rpId === null || page === null) return null
  const { hostname } = new URL(page)
  if (hostname === rpId || hostname.endsWith(`.${rpId}`)) return null
  return `PASSKEY_RP_ID: must be the host of ${page} or a domain above it, not "${rpId}".`
}
