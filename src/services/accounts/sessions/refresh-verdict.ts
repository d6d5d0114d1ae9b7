import type { RefreshTokenRecord } from '../../../ports/accounts/account-records.ts'

/**
 * What becomes of a refresh token that is shown.
 * `FRESH`: it was not used; it gives a successor. `REPEATED`: it was used just now; it gives the same successor again.
 * `VOID`: the session's credentials were made anew; it gives nothing, but tells of no theft: it may be on its way still.
 * `REUSED`: two hold tokens of the family, of whom one is no owner.
 */
export type RefreshVerdict = 'FRESH' | 'REPEATED' | 'VOID' | 'REUSED'

/** `successor`: the token that it was used for. The window of grace begins with the first use and is never extended. */
export function judgeRefreshToken(
  token: RefreshTokenRecord,
  successor: RefreshTokenRecord | null,
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): RefreshVerdict {
  if (token.retiredAt === null) return 'FRESH'
  if (token.successorId === null) return 'VOID'
  const isInGrace = now - token.retiredAt < graceMs && token.successorSealed !== null
  if (!isInGrace || successor === null) return 'REUSED'
  if (successor.retiredAt === null) return 'REPEATED'
  // Its successor was used: it is the predecessor's predecessor, window or not.
  return successor.successorId === null ? 'VOID' : 'REUSED'
}
