import type { Kysely, Selectable } from 'kysely'
import { authMethods } from '../../../core/auth-method.ts'
import { isJsonObject } from '../../../core/json-object.ts'
import type { AuditEventRecord, AuditLog } from '../../../ports/accounts/audit-log.ts'
import type { Database } from '../schema.ts'
import { nameList } from './text-list.ts'

/** `AuditLog` in the table `audit_events`. */
export function sqlAuditLog(db: Kysely<Database>): AuditLog {
  return {
    async append(event) {
      await db.insertInto('audit_events').values(eventRow(event)).execute()
    },

    async list({ subjectId, event, before, limit }) {
      let events = db.selectFrom('audit_events').selectAll().orderBy('id', 'desc').limit(limit)
      if (subjectId !== null) events = events.where('subject_id', '=', subjectId)
      if (event !== null) events = events.where('event', '=', event)
      if (before !== null) events = events.where('id', '<', before)
      return (await events.execute()).map(toEvent)
    },

    async purge(before, limit) {
      const old = db
        .selectFrom('audit_events')
        .select('id')
        .where('occurred_at', '<', before)
        .orderBy('occurred_at')
        .limit(limit)
      const { numDeletedRows } = await db.deleteFrom('audit_events').where('id', 'in', old).executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

function eventRow(event: AuditEventRecord): Database['audit_events'] {
  return {
    id: event.id,
    occurred_at: event.at,
    event: event.event,
    outcome: event.outcome,
    actor: event.actor,
    actor_id: event.actorId,
    subject_id: event.subjectId,
    session_id: event.sessionId,
    key_id: event.keyId,
    methods: JSON.stringify(event.methods),
    assurance: event.assurance,
    ip: event.ip,
    user_agent: event.userAgent,
    request_id: event.requestId,
    details: JSON.stringify(event.details),
  }
}

function toEvent(row: Selectable<Database['audit_events']>): AuditEventRecord {
  return {
    id: row.id,
    at: row.occurred_at,
    event: row.event,
    outcome: row.outcome,
    actor: row.actor,
    actorId: row.actor_id,
    subjectId: row.subject_id,
    sessionId: row.session_id,
    keyId: row.key_id,
    methods: nameList(row.methods, authMethods),
    assurance: row.assurance === 1 || row.assurance === 2 ? row.assurance : null,
    ip: row.ip,
    userAgent: row.user_agent,
    requestId: row.request_id,
    details: toDetails(row.details),
  }
}

function toDetails(json: string): AuditEventRecord['details'] {
  const value: unknown = JSON.parse(json)
  if (!isJsonObject(value)) return {}
  return Object.fromEntries(Object.entries(value).filter(isFact))
}

function isFact(entry: [string, unknown]): entry is [string, string | number | boolean | null] {
  return entry[1] === null || ['string', 'number', 'boolean'].includes(typeof entry[1])
}
