import { Refusal } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { Session, User } from '../outward.ts'
import { toSession, toUser } from '../outward.ts'
import type { AccountParts } from '../parts.ts'
import { sessionOf } from '../session-of.ts'
import { userIdOf } from '../user-id-of.ts'
import { isAlive } from './session-life.ts'

/** Somebody's own account and its sessions. */
export interface Sessions {
  /** The principal's user. */
  me(principal: Principal): Promise<User>
  /** The living sessions of the principal's user, newest first. */
  sessions(principal: Principal): Promise<readonly Session[]>
  /** The session that the principal came by. Throws `UNAUTHENTICATED`, `SESSION_REVOKED` and `FORBIDDEN`. */
  presentSession(principal: Principal): Promise<Session>
}

export function createSessions({ store, clock, policy }: AccountParts): Sessions {
  return {
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

    async presentSession(principal) {
      const { sessionId } = sessionOf(principal)
      const session = await store.read(({ accounts }) => accounts.findSession(sessionId))
      if (session === null) throw new Refusal('SESSION_REVOKED', 'The session has ended: sign in again.')
      return toSession(session)
    },
  }
}
