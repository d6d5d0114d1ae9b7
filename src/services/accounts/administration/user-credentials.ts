import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { User } from '../outward.ts'
import { forgetFactorFailures } from '../factors/factor-attempts.ts'
import { voidChallenges } from '../factors/void-challenges.ts'
import { toUser } from '../outward.ts'
import type { AccountParts } from '../parts.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import type { Administrator } from './administrator.ts'
import { changeUser } from './change-user.ts'

/** What users come in by. */
export interface UserCredentials {
  /** Ends all sessions of the user; how many there were. API keys stay. */
  revokeUserSessions(id: string, client: ClientInfo | null, by: Administrator): Promise<number>
  /**
   * Takes all second factors from the user, passkeys among them, and ends all sessions. Who has no password and no provider
   * then comes in by a new password (`requestPasswordReset`).
   */
  resetUserMfa(id: string, client: ClientInfo | null, by: Administrator): Promise<User>
}

export function createUserCredentials(parts: AccountParts): UserCredentials {
  const { audit, mail } = parts

  return {
    revokeUserSessions: (id, client, by) =>
      changeUser(parts, id, by, async ({ records, now }) => {
        const sessions = await endSessions(records, id, now, null)
        await audit(records, { event: 'SESSION_REVOKED', by, client, subjectId: id, details: { sessions } })
        return sessions
      }),

    resetUserMfa: (id, client, by) =>
      changeUser(parts, id, by, async ({ records, user, now }) => {
        await takeFactors(records, id, now)
        await forgetFactorFailures(parts, records, id)
        const sessions = await endSessions(records, id, now, null)
        await audit(records, { event: 'USER_MFA_RESET', by, client, subjectId: id, details: { sessions } })
        await mail(records, user.email, { kind: 'MFA_RESET' })
        return toUser(user)
      }),
  }
}

async function takeFactors(records: Records, userId: string, now: number): Promise<void> {
  await records.factors.removeTotp(userId)
  await records.factors.removeRecoveryCodes(userId)
  await records.passkeys.removeAll(userId)
  await voidChallenges(records, userId, now)
  // Somebody may be setting one up right now.
  await records.oneTimeTokens.voidAll(userId, 'PASSKEY_REGISTRATION', now)
}
