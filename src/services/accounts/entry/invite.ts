import { Refusal } from '../../../core/errors.ts'
import type { Role } from '../../../core/principal.ts'
import type { Records } from '../../../ports/store.ts'
import { readInviteData } from '../administration/invite-data.ts'
import { findUsableToken } from '../one-time-token.ts'
import { readEmailAddress } from './email-address.ts'

/** What an administrator has offered to whoever holds the token. */
export interface Invite {
  readonly id: string
  readonly roles: readonly Role[]
  /** The key of the only address that it is for; `null`: for any. */
  readonly emailKey: string | null
}

/** The invite that the token stands for. Throws `INVALID_INVITE` unless it could be used now. */
export async function findInvite(records: Records, token: string, now: number): Promise<Invite> {
  const record = await findUsableToken(records, token, { purpose: 'INVITE', device: null, now })
  if (record === null) throw invalidInvite()
  const { roles, email } = readInviteData(record)
  return { id: record.id, roles, emailKey: email === null ? null : (readEmailAddress(email)?.key ?? email) }
}

/** Uses the invite up, in the transaction that enters the user. Throws `INVALID_INVITE` when somebody else was faster. */
export async function takeInvite({ oneTimeTokens }: Records, { id }: Invite, now: number): Promise<void> {
  if ((await oneTimeTokens.take(id, now)) === null) throw invalidInvite()
}

function invalidInvite(): Refusal {
  return new Refusal('INVALID_INVITE', 'The invite is wrong, used up or expired.')
}
