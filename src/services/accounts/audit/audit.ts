import type { AuthMethod } from '../../../core/auth-method.ts'
import type { Clock } from '../../../core/clock.ts'
import { newId } from '../../../core/ids.ts'
import type { Principal } from '../../../core/principal.ts'
import type { AuditEventName, AuditEventRecord } from '../../../ports/accounts/audit-log.ts'
import { type Meter, noMeter } from '../../../ports/meter.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'

/** What happened, as far as it is not known from who asked and from where. */
export interface AuditFacts {
  readonly event: AuditEventName
  /** `SUCCESS` unless it says otherwise. */
  readonly outcome?: 'SUCCESS' | 'FAILURE'
  /** Who did it; `null`: the operator, by the command line. */
  readonly by: Principal | null
  readonly client: ClientInfo | null
  /** The user whom it is about; `null` where nobody is known by what was given. */
  readonly subjectId: string | null
  readonly methods?: readonly AuthMethod[]
  readonly sessionId?: string | null
  readonly assurance?: 1 | 2
  readonly details?: AuditEventRecord['details']
}

/** Writes a line of the audit log, in the transaction of what it tells of. */
export type Audit = (records: Records, facts: AuditFacts) => Promise<void>

/**
 * Each line is counted when it is written. One whose transaction is undone, which is seldom and our own fault, counts all the
 * same.
 */
export function createAudit(clock: Clock, meter: Pick<Meter, 'count'> = noMeter): Audit {
  return async (
    { audit },
    { event, by, client, subjectId, outcome = 'SUCCESS', methods = [], details = {}, ...facts },
  ) => {
    const { userId, sessionId, keyId, assurance } = known(by)
    await audit.append({
      id: newId('auditEvent'),
      at: clock.now(),
      event,
      outcome,
      actor: actorOf(by),
      actorId: userId,
      subjectId,
      sessionId: facts.sessionId ?? sessionId,
      keyId,
      methods,
      assurance: facts.assurance ?? assurance,
      ip: client?.ip ?? null,
      userAgent: client?.userAgent ?? null,
      requestId: client?.requestId ?? null,
      details,
    })
    meter.count('millrace_account_events_total', { event, outcome })
  }
}

type KnownFacts = Pick<AuditEventRecord, 'sessionId' | 'keyId' | 'assurance'> & { readonly userId: string | null }

/** What is known of who did it. */
function known(by: Principal | null): KnownFacts {
  return by === null || by.kind === 'anonymous' ? { userId: null, sessionId: null, keyId: null, assurance: null } : by
}

function actorOf(by: Principal | null): AuditEventRecord['actor'] {
  return by === null ? 'OPERATOR' : ({ user: 'USER', apiKey: 'API_KEY', anonymous: 'ANONYMOUS' } as const)[by.kind]
}
