import { Refusal } from '../../../core/errors.ts'
import { isJsonObject } from '../../../core/json-object.ts'
import { type Role, roles } from '../../../core/principal.ts'
import type { Records } from '../../../ports/store.ts'
import { isUsable, oneTimeTokenId } from '../one-time-token.ts'
import { readEmailAddress } from './email-address.ts'

/** What an administrator has offered to whoever holds the token. */
export interface Invite {
  readonly id: string
  readonly roles: readonly Role[]
  /** The key of the only address that it is for; `null`: for any. */
  readonly emailKey: string | null
}

/** The invite that the token stands for. Throws `INVALID_INVITE` unless it could be used now. */
export async function findInvite({ oneTimeTokens }: Records, token: string, now: number): Promise<Invite> {
  const id = oneTimeTokenId(token)
  const record = id === null ? null : await oneTimeTokens.find(id)
  if (!isUsable(record, token, { purpose: 'INVITE', device: null, now })) throw invalidInvite()
  const data: unknown = JSON.parse(record.data)
  const { roles: names, email } = isJsonObject(data) ? data : {}
  return {
    id: record.id,
    roles: roles.filter((role) => role === 'user' || (Array.isArray(names) && names.includes(role))),
    emailKey: typeof email === 'string' ? (readEmailAddress(email)?.key ?? email) : null,
  }
}

/** Uses the invite up, in the transaction that enters the user. Throws `INVALID_INVITE` when somebody else was faster. */
export async function takeInvite({ oneTimeTokens }: Records, { id }: Invite, now: number): Promise<void> {
  if ((await oneTimeTokens.take(id, now)) === null) throw invalidInvite()
}

function invalidInvite(): Refusal {
  return new Refusal('INVALID_INVITE', 'The invite is wrong, used up or expired.')
}
