import { InvalidInputError } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { ClientInfo } from '../client-info.ts'
import { assertAdministratorLeft } from '../administration/assert-administrator-left.ts'
import { voidInvitesOf } from '../administration/invites.ts'
import { readEmailAddress } from '../entry/email-address.ts'
import { requireFresh } from '../factors/freshness.ts'
import type { AccountParts } from '../parts.ts'
import { sessionOf } from '../session-of.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import { revoke } from '../sessions/revocations.ts'
import { sessionsTopic } from '../sessions/session-events.ts'

/** What is left of an account: the id under which the audit log knows it. */
export interface DeletedAccount {
  readonly id: string
}

/** The end of an account. */
export interface AccountDeletion {
  /**
   * Removes the principal's account with all credentials, and ends its sessions and API keys at once; `email` is its address,
   * typed once more. The audit log keeps the id. Gives the id. Throws `UNAUTHENTICATED`, `SESSION_REVOKED`, `FORBIDDEN`,
   * `STEP_UP_REQUIRED`, `InvalidInputError`, `LAST_ADMINISTRATOR`.
   */
  deleteAccount(email: string, client: ClientInfo, principal: Principal): Promise<DeletedAccount>
}

export function createAccountDeletion({ store, clock, audit, mail }: AccountParts): AccountDeletion {
  return {
    async deleteAccount(email, client, principal) {
      const by = sessionOf(principal)
      const { userId: id } = by
      await store.write(async (records) => {
        const now = clock.now()
        const { user } = await requireFresh(records, by, now)
        assertMeant(user, email)
        await revoke(records, { kind: 'user', id, ends: true }, now)
        await endSessions(records, id, now, null)
        await audit(records, { event: 'ACCOUNT_DELETED', by, client, subjectId: id })
        await mail(records, user.email, { kind: 'ACCOUNT_DELETED' })
        await voidInvitesOf(records, id, now)
        await records.accounts.deleteUser(id)
        await assertAdministratorLeft(records, user)
        await records.log.remove(sessionsTopic(id))
      })
      return { id }
    },
  }
}

function assertMeant(user: UserRecord, email: string): void {
  const key = readEmailAddress(email)?.key
  if (key !== undefined && key === readEmailAddress(user.email)?.key) return
  throw new InvalidInputError([{ path: ['email'], message: 'This is not the email address of your account.' }])
}
