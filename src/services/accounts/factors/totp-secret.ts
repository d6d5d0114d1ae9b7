/** The context that a user's TOTP secret is sealed with. */
export function totpContext(userId: string): string {
  return `totp_factors.secret ${userId}`
}
