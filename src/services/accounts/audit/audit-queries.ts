import { Refusal } from '../../../core/errors.ts'
import { type Page, type PageRequest, readPageRequest, toPage } from '../../../core/page.ts'
import type { Principal } from '../../../core/principal.ts'
import type { AuditEventName, AuditEventRecord, AuditQuery } from '../../../ports/accounts/audit-log.ts'
import { isAdministrator } from '../administration/administrator.ts'
import type { AccountParts } from '../parts.ts'
import { userIdOf } from '../user-id-of.ts'

export interface AuditAsk extends PageRequest {
  /** `null`: of every kind. */
  readonly event: AuditEventName | null
  /** `null`: for administrators everything, for everybody else what is about them. */
  readonly userId: string | null
}

/** Reading the audit log (ASVS 16.2.1). */
export interface AuditQueries {
  /**
   * What happened, newest first: to the principal's own account, or, for an administrator, to any. Throws `UNAUTHENTICATED`,
   * `SESSION_REVOKED`, `INSUFFICIENT_SCOPE` (for somebody else's events, too), `InvalidInputError`.
   */
  auditEvents(ask: AuditAsk, principal: Principal): Promise<Page<AuditEventRecord>>
  /** The log from the newest event back to `since`, read page by page while it is taken. For the command line. */
  auditTrail(part: { readonly userId: string | null; readonly since: number | null }): AsyncIterable<AuditEventRecord>
}

const trailPage = 500

/** Ids are in the order of the clock that made them, which may differ by so much between two machines. */
const clockSkewMs = 60_000

export function createAuditQueries({ store }: Pick<AccountParts, 'store'>): AuditQueries {
  return {
    async auditEvents({ event, userId, ...ask }, principal) {
      const isAll = principal.kind !== 'anonymous' && isAdministrator(principal)
      const own = isAll ? null : userIdOf(principal)
      if (own !== null && userId !== null && userId !== own) {
        throw new Refusal('INSUFFICIENT_SCOPE', 'The events of other users need the scope admin.')
      }
      const { first, afterId } = readPageRequest(ask, 'auditEvent')
      const query = { subjectId: own ?? userId, event, before: afterId, limit: first + 1 }
      const found = await store.read(({ audit }) => audit.list(query))
      return toPage(own === null ? found : found.map((line) => toOwner(line, own)), first)
    },

    async *auditTrail({ userId, since }) {
      let before: string | null = null
      for (;;) {
        const query: AuditQuery = { subjectId: userId, event: null, before, limit: trailPage }
        const found = await store.read(({ audit }) => audit.list(query))
        yield* found.filter(({ at }) => since === null || at >= since)
        const last = found.at(-1)
        if (last === undefined || found.length < trailPage) return
        if (since !== null && last.at < since - clockSkewMs) return
        before = last.id
      }
    },
  }
}

/** What an administrator did is told to whom it was done to, but not which one, and from where. */
function toOwner(line: AuditEventRecord, ownId: string): AuditEventRecord {
  if (line.actorId === null || line.actorId === ownId) return line
  return {
    ...line,
    actorId: null,
    sessionId: null,
    keyId: null,
    assurance: null,
    ip: null,
    userAgent: null,
    requestId: null,
  }
}
