import type { Records } from '../../../ports/store.ts'
import { revoke } from './revocations.ts'
import { tellSessionEvent } from './session-events.ts'

/** Ends a session, tells every process and the owner; says whether it was alive until now. */
export async function endSession(
  records: Records,
  { sessionId, userId }: { readonly sessionId: string; readonly userId: string },
  at: number,
): Promise<boolean> {
  if (!(await records.accounts.endSession(sessionId, at))) return false
  await revoke(records, { kind: 'session', id: sessionId, ends: true }, at)
  await tellSessionEvent(records, userId, { kind: 'ENDED', sessionId, at })
  return true
}

/** Ends the user's living sessions but `except`; how many. */
export async function endSessions(
  records: Records,
  userId: string,
  at: number,
  except: string | null,
): Promise<number> {
  const ended = await records.accounts.endSessionsOf(userId, at, except)
  for (const id of ended) await revoke(records, { kind: 'session', id, ends: true }, at)
  for (const sessionId of ended) await tellSessionEvent(records, userId, { kind: 'ENDED', sessionId, at })
  return ended.length
}
