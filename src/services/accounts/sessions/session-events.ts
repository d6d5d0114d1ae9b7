import type { Records } from '../../../ports/store.ts'
import { keepFrom, retention } from '../../streams/retention.ts'

/** What can happen to a session. */
export const sessionEventKinds = ['STARTED', 'RENEWED', 'ENDED'] as const

export type SessionEventKind = (typeof sessionEventKinds)[number]

/** The topic of what happens to a user's sessions. */
export function sessionsTopic(userId: string): string {
  return `sessions:${userId}`
}

/** Tells the owner, in the transaction that makes it true. */
export async function tellSessionEvent(
  { log }: Records,
  userId: string,
  event: { readonly kind: SessionEventKind; readonly sessionId: string; readonly at: number },
): Promise<void> {
  await log.append(sessionsTopic(userId), { ...event }, { keep: keepFrom(event.at, retention.session) })
}
