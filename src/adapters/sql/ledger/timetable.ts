import type { Kysely } from 'kysely'
import type { JobState } from '../../../core/job.ts'
import { transitions } from '../../../core/job-transitions.ts'
import type { Ledger } from '../../../ports/ledger.ts'
import { toJob } from '../job-row.ts'
import type { Database } from '../schema.ts'
import { stateLiteral } from './state-literal.ts'

const { expired, promoted } = transitions
// Each is written for the states of an index: others in the table are an error of types here, and need an index of their own.
const [promotable]: readonly [JobState] = promoted.from
const expirable: readonly ['SCHEDULED', 'QUEUED'] = expired.from

/** What time does to jobs that wait. The state is asked for twice for PostgreSQL's sake, where it may change in between. */
export function timetable(db: Kysely<Database>): Pick<Ledger, 'promote' | 'expire' | 'nextDue' | 'oldestDue'> {
  return {
    async promote(now, limit) {
      const due = db
        .selectFrom('jobs')
        .select('id')
        .where('state', '=', stateLiteral(promotable))
        .where('run_at', '<=', now)
        .orderBy('run_at')
        .limit(limit)
      const rows = await db
        .updateTable('jobs')
        .set({ state: promoted.to })
        .where('id', 'in', due)
        .where('state', '=', stateLiteral(promotable))
        .returningAll()
        .execute()
      return rows.map(toJob)
    },

    async expire(now, limit) {
      const late = db
        .selectFrom('jobs')
        .select('id')
        .where('state', 'in', expirable.map(stateLiteral))
        .where('expires_at', '<=', now)
        .orderBy('expires_at')
        .limit(limit)
      const rows = await db
        .updateTable('jobs')
        .set({ state: expired.to, finished_at: now })
        .where('id', 'in', late)
        .where('state', 'in', expirable.map(stateLiteral))
        .returningAll()
        .execute()
      return rows.map(toJob)
    },

    nextDue: () => earliest(db, promotable),

    oldestDue: () => earliest(db, 'QUEUED'),
  }
}

/** The earliest time at which a job of that state was, or will be, due. */
async function earliest(db: Kysely<Database>, state: JobState): Promise<number | null> {
  const row = await db
    .selectFrom('jobs')
    .select('run_at')
    .where('state', '=', stateLiteral(state))
    .orderBy('run_at')
    .limit(1)
    .executeTakeFirst()
  return row?.run_at ?? null
}
