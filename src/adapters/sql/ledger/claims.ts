import { sql, type Kysely, type OperandValueExpressionOrList } from 'kysely'
import type { Job } from '../../../core/job.ts'
import { transitions } from '../../../core/job-transitions.ts'
import type { Ledger } from '../../../ports/ledger.ts'
import { toJob } from '../job-row.ts'
import type { Database } from '../schema.ts'
import { byTurn, claimable, inTurn } from './in-turn.ts'
import { stateLiteral } from './state-literal.ts'
import { findWithinLimits } from './within-limits.ts'

const { claimed } = transitions

/** How jobs come to nodes: one statement chooses and takes them, and one begins their attempts. */
export function claims(db: Kysely<Database>): Pick<Ledger, 'claim'> {
  return {
    async claim({ nodeId, limit, now, concurrency }) {
      if (concurrency === undefined || concurrency.size === 0) {
        return take(db, inTurn(db, now).select('id').limit(limit), { nodeId, now })
      }
      const ids = await findWithinLimits(db, { limit, now, concurrency })
      return ids.length === 0 ? [] : take(db, ids, { nodeId, now })
    },
  }
}

async function take(
  db: Kysely<Database>,
  ids: OperandValueExpressionOrList<Database, 'jobs', 'id'>,
  { nodeId, now }: { readonly nodeId: string; readonly now: number },
): Promise<readonly Job[]> {
  const rows = await db
    .updateTable('jobs')
    .set({ state: claimed.to, fence: sql<number>`fence + 1`, node_id: nodeId, started_at: now })
    .where('id', 'in', ids)
    // Again, for PostgreSQL: there another may have taken it meanwhile.
    .where('state', '=', stateLiteral(claimable))
    .returningAll()
    .execute()
  if (rows.length === 0) return []
  const attempts = rows.map((row) => ({ job_id: row.id, fence: row.fence, node_id: nodeId, started_at: now }))
  await db.insertInto('job_attempts').values(attempts).execute()
  // RETURNING promises no order.
  return rows.map(toJob).toSorted(byTurn)
}
