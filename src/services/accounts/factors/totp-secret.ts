/** What is sealed of a secret that waits to be confirmed: with it the session that began, which alone may confirm it. */
export function pendingTotp(sessionId: string, secret: string): string {
  return `${sessionId} ${secret}`
}

/** The secret of `pendingTotp`; `null` when another session began. */
export function pendingTotpSecret(text: string, sessionId: string): string | null {
  const [beganBy, secret] = text.split(' ')
  return beganBy === sessionId ? (secret ?? null) : null
}

/** The context that a user's TOTP secret is sealed with. */
export function totpContext(userId: string): string {
  return `totp_factors.secret ${userId}`
}
