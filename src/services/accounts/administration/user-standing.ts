import { InvalidInputError } from '../../../core/errors.ts'
import type { Role } from '../../../core/principal.ts'
import type { ClientInfo } from '../client-info.ts'
import type { User } from '../outward.ts'
import { voidChallenges } from '../factors/void-challenges.ts'
import { toUser } from '../outward.ts'
import type { AccountParts } from '../parts.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import { revoke } from '../sessions/revocations.ts'
import { type Administrator, assertMayChange } from './administrator.ts'
import { assertAdministratorLeft } from './assert-administrator-left.ts'
import { changeUser } from './change-user.ts'
import { voidInvitesOf } from './invites.ts'
import { readRoles } from './roles.ts'

/** Who may come in, and as what. Each answers the user as they are then; what is so already is left as it is. */
export interface UserStanding {
  /** Ends all sessions and streams of the user at once, and lets nothing of theirs in any more. Throws `LAST_ADMINISTRATOR`. */
  disableUser(id: string, client: ClientInfo | null, by: Administrator): Promise<User>
  /** Lets the user in again, and their API keys. */
  enableUser(id: string, client: ClientInfo | null, by: Administrator): Promise<User>
  /** Everybody is a `user` at least. Throws `InvalidInputError`, `LAST_ADMINISTRATOR`. */
  setUserRoles(
    change: { readonly id: string; readonly roles: readonly Role[] },
    client: ClientInfo | null,
    by: Administrator,
  ): Promise<User>
}

export function createUserStanding(parts: AccountParts): UserStanding {
  const { audit, mail } = parts

  return {
    disableUser: (id, client, by) =>
      changeUser(parts, id, by, async ({ records, user, now }) => {
        if (user.disabledAt !== null) return toUser(user)
        await records.accounts.setDisabled(id, now)
        await assertAdministratorLeft(records, user)
        await revoke(records, { kind: 'user', id, ends: true }, now)
        await endSessions(records, id, now, null)
        await voidChallenges(records, id, now)
        await voidInvitesOf(records, id, now)
        await audit(records, { event: 'USER_DISABLED', by, client, subjectId: id })
        await mail(records, user.email, { kind: 'ACCOUNT_DISABLED' })
        return toUser({ ...user, disabledAt: now })
      }),

    enableUser: (id, client, by) =>
      changeUser(parts, id, by, async ({ records, user, now }) => {
        if (user.disabledAt === null) return toUser(user)
        await records.accounts.setDisabled(id, null)
        await revoke(records, { kind: 'user', id, ends: false }, now)
        await audit(records, { event: 'USER_ENABLED', by, client, subjectId: id })
        return toUser({ ...user, disabledAt: null })
      }),

    async setUserRoles({ id, roles: given }, client, by) {
      assertMayChange(by)
      if (given.length === 0) throw new InvalidInputError([{ path: ['roles'], message: 'Say at least one role.' }])
      const roles = readRoles(given)
      return changeUser(parts, id, by, async ({ records, user, now }) => {
        if (roles.join() === user.roles.join()) return toUser(user)
        await records.accounts.setRoles(id, roles)
        await assertAdministratorLeft(records, user)
        if (!roles.includes('admin')) await voidInvitesOf(records, id, now)
        // Looked up again: streams that were opened with a scope that is gone end, the sessions live on.
        await revoke(records, { kind: 'user', id, ends: false }, now)
        const details = { roles: roles.join(' '), before: user.roles.join(' ') }
        await audit(records, { event: 'USER_ROLES_SET', by, client, subjectId: id, details })
        return toUser({ ...user, roles })
      })
    },
  }
}
