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
  return isOpen(session, now) && now - session.lastUsedAt < sessionIdleMs
}

/** Whether the session has neither been ended nor expired; it may have died of idleness. */
export function isOpen(session: SessionRecord, now: number): boolean {
  return session.endedAt === null && now < session.expiresAt
}

/** From when on a use of the session is to be noted: at most once a minute, unless it would die of idleness before. */
export function touchDueAt(
  { lastUsedAt }: Pick<SessionRecord, 'lastUsedAt'>,
  { sessionIdleMs }: Pick<SessionLifetimes, 'sessionIdleMs'>,
): number {
  return lastUsedAt + Math.min(minute, sessionIdleMs / 4)
}
