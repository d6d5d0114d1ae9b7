import type { Principal } from '../../../core/principal.ts'
import type { ResumeRequest, TopicStream } from '../../streams/stream.ts'
import type { AccountParts } from '../parts.ts'
import { sessionOf } from '../session-of.ts'
import { userIdOf } from '../user-id-of.ts'
import { type SessionEventKind, sessionsTopic } from './session-events.ts'

/** Something that happened to a session of the user. `PRESENT` is what a stream opens with, for the watching session. */
export interface SessionEvent {
  readonly kind: 'PRESENT' | SessionEventKind
  readonly sessionId: string
  readonly at: number
}

/** Hearing of one's sessions. */
export interface SessionWatch {
  /**
   * What happens to the sessions of the principal's user; bodies are `SessionEvent`. Throws `UNAUTHENTICATED`,
   * `SESSION_REVOKED`, `FORBIDDEN` and `INSUFFICIENT_SCOPE`, and what a cursor is refused with.
   */
  watchSessions(principal: Principal, resume: ResumeRequest | null): Promise<TopicStream>
}

export function createSessionWatch({ hub, clock }: Pick<AccountParts, 'hub' | 'clock'>): SessionWatch {
  return {
    async watchSessions(principal, resume) {
      const { sessionId } = sessionOf(principal)
      const topic = sessionsTopic(userIdOf(principal))
      return hub.open({
        topic,
        resume,
        async snapshot() {
          const event: SessionEvent = { kind: 'PRESENT', sessionId, at: clock.now() }
          return { ...event }
        },
      })
    },
  }
}
