import type { Role } from '../../../core/principal.ts'
import type { OneTimeTokenRecord } from '../../../ports/accounts/one-time-tokens.ts'
import { readRoles } from './roles.ts'

/** What an invite offers; entered with its token. */
export interface InviteData {
  /** The only address that it is for; `null`: for any. */
  readonly email: string | null
  /** What it makes of who signs up with it. */
  readonly roles: readonly Role[]
  /** The administrator who made it. Theirs are void when they are none any more. */
  readonly invitedBy: string
}

/** What the invite offers; no role that there is not, whatever is stored. */
export function readInviteData({ data }: OneTimeTokenRecord): InviteData {
  const stored = JSON.parse(data) as InviteData // `createInvite` entered it
  return { ...stored, roles: readRoles(stored.roles) }
}
