import { NotFoundError } from '../../../core/errors.ts'
import { isId } from '../../../core/ids.ts'
import type { Principal } from '../../../core/principal.ts'
import type { ClientInfo } from '../client-info.ts'
import type { AccountParts } from '../parts.ts'
import { sessionOf } from '../session-of.ts'
import { endSession, endSessions } from './end-sessions.ts'
import { livingSession } from './living-session.ts'

/**
 * Ending one's own sessions: at once, with their access and refresh tokens, and with the streams that they opened. All but
 * `signOut` throw `SESSION_REVOKED` to a session that has ended itself.
 */
export interface SignOut {
  /** Ends the principal's own session; says whether there was one. */
  signOut(principal: Principal, client: ClientInfo): Promise<boolean>
  /** Ends one of the user's sessions. Throws `NOT_FOUND` for one that has ended or is not theirs. */
  revokeSession(sessionId: string, principal: Principal, client: ClientInfo): Promise<void>
  /** Ends all of the user's sessions but the principal's own; how many. */
  revokeOtherSessions(principal: Principal, client: ClientInfo): Promise<number>
  /** Ends all of the user's sessions; how many. */
  signOutEverywhere(principal: Principal, client: ClientInfo): Promise<number>
}

export function createSignOut({ store, clock, audit }: AccountParts): SignOut {
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

    async revokeSession(sessionId, principal, client) {
      const own = sessionOf(principal)
      const { userId } = own
      if (!isId('session', sessionId)) throw new NotFoundError('session')
      await store.write(async (records) => {
        await livingSession(records, own, clock.now())
        const session = await records.accounts.findSession(sessionId)
        if (session?.userId !== userId || !(await endSession(records, { sessionId, userId }, clock.now()))) {
          throw new NotFoundError('session')
        }
        const details = { revokedSession: sessionId }
        await audit(records, { event: 'SESSION_REVOKED', by: principal, client, subjectId: userId, details })
      })
    },

    async revokeOtherSessions(principal, client) {
      const own = sessionOf(principal)
      const { userId, sessionId } = own
      return store.write(async (records) => {
        await livingSession(records, own, clock.now())
        const count = await endSessions(records, userId, clock.now(), sessionId)
        const details = { revokedSessions: count }
        if (count > 0)
          await audit(records, { event: 'SESSION_REVOKED', by: principal, client, subjectId: userId, details })
        return count
      })
    },

    async signOutEverywhere(principal, client) {
      const own = sessionOf(principal)
      const { userId } = own
      return store.write(async (records) => {
        await livingSession(records, own, clock.now())
        const count = await endSessions(records, userId, clock.now(), null)
        const details = { revokedSessions: count }
        await audit(records, { event: 'SIGNED_OUT', by: principal, client, subjectId: userId, details })
        return count
      })
    },
  }
}
