import type { SessionRecord } from '../../../ports/accounts/account-records.ts'

/** How long a session lives, in ms. */
export interface SessionLifetimes {
  /** Without being used. */
  readonly sessionIdleMs: number
  /** In any case. */
  readonly sessionMaxMs: number
}

const minute = 60_000

/** Whether the session can still be used. */
export function isAlive(session: SessionRecord, now: number, { sessionIdleMs }: SessionLifetimes): boolean {
  return session.endedAt === null && now < session.expiresAt && now - session.lastUsedAt < sessionIdleMs
}

/** Whether it is time to note that the session is in use: at most once a minute, unless it would die of idleness before. */
export function isTouchDue(session: SessionRecord, now: number, { sessionIdleMs }: SessionLifetimes): boolean {
  return now - session.lastUsedAt >= Math.min(minute, sessionIdleMs / 4)
}
