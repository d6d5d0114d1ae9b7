import { Refusal } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { ClientInfo, Session, User } from '../accounts.ts'
import { toSession, toUser } from '../outward.ts'
import type { AccountParts } from '../parts.ts'
import { userIdOf } from '../user-id-of.ts'
import { endSession } from './end-sessions.ts'
import { isAlive } from './session-life.ts'

/** Somebody's own account and its sessions. */
export interface Sessions {
  /** Ends the principal's own session; says whether there was one. */
  signOut(principal: Principal, client: ClientInfo): Promise<boolean>
  /** The principal's user. */
  me(principal: Principal): Promise<User>
  /** The living sessions of the principal's user, newest first. */
  sessions(principal: Principal): Promise<readonly Session[]>
}

export function createSessions({ store, clock, policy, audit }: AccountParts): Sessions {
  return {
    async signOut(principal, client) {
      if (principal.kind !== 'user' || principal.sessionId === null) return false
      const { sessionId, userId } = principal
      return store.write(async (records) => {
        if (!(await endSession(records, { sessionId, userId }, clock.now()))) return false
        await audit(records, { event: 'SIGNED_OUT', by: principal, client, subjectId: userId })
        return true
      })
    },

    async me(principal) {
      const userId = userIdOf(principal)
      const user = await store.read(({ accounts }) => accounts.findUser(userId))
      if (user === null) throw new Refusal('UNAUTHENTICATED', 'The account does not exist any more.')
      return toUser(user)
    },

    async sessions(principal) {
      const userId = userIdOf(principal)
      const now = clock.now()
      const sessions = await store.read(({ accounts }) => accounts.sessionsOf(userId, now))
      return sessions.filter((session) => isAlive(session, now, policy)).map(toSession)
    },
  }
}
