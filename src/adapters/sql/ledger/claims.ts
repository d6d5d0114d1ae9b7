import { sql, type Kysely, type OperandValueExpressionOrList, type Selectable } from 'kysely'
import type { Job } from '../../../core/job.ts'
import { transitions } from '../../../core/job-transitions.ts'
import type { Ledger } from '../../../ports/ledger.ts'
import { toJob } from '../job-row.ts'
import { prepared } from '../prepared.ts'
import type { Database } from '../schema.ts'
import { byTurn, claimable, inTurn } from './in-turn.ts'
import { stateLiteral } from './state-literal.ts'
import { findWithinLimits } from './within-limits.ts'

const { claimed } = transitions

/** How jobs come to nodes: one statement chooses and takes them, and one begins their attempts. */
export function claims(db: Kysely<Database>): Pick<Ledger, 'claim'> {
  return {
    async claim({ nodeId, limit, now, concurrency = new Map(), tasks }) {
      const isNarrowed = concurrency.size > 0 || tasks !== undefined
      const ids = isNarrowed ? await findWithinLimits(db, { limit, now, concurrency, tasks }) : 'first'
      if (ids === 'first') return begin(db, await takeNext(db, { nodeId, now, limit }))
      return ids.length === 0 ? [] : begin(db, await take(db, ids, { nodeId, now }).execute())
    },
  }
}

interface Claim {
  readonly nodeId: string
  readonly now: number
}

const takeNext = prepared((db, { limit, ...claim }: Claim & { readonly limit: number }) =>
  take(db, inTurn(db, claim.now).select('id').limit(limit), claim),
)

function take(db: Kysely<Database>, ids: OperandValueExpressionOrList<Database, 'jobs', 'id'>, { nodeId, now }: Claim) {
  return (
    db
      .updateTable('jobs')
      .set({ state: claimed.to, fence: sql<number>`fence + 1`, node_id: nodeId, started_at: now })
      .where('id', 'in', ids)
      // Again, for PostgreSQL: there another may have taken it meanwhile.
      .where('state', '=', stateLiteral(claimable))
      .returningAll()
  )
}

/** Begins the attempts of those that were taken. */
async function begin(db: Kysely<Database>, rows: readonly Selectable<Database['jobs']>[]): Promise<readonly Job[]> {
  if (rows.length === 0) return []
  const jobs = rows.map(toJob)
  // A claim has set the node and the time.
  const attempts = jobs.map(({ id, fence, nodeId, startedAt }) => ({
    job_id: id,
    fence,
    node_id: nodeId ?? '',
    started_at: startedAt ?? 0,
  }))
  await db.insertInto('job_attempts').values(attempts).execute()
  // RETURNING promises no order.
  return jobs.toSorted(byTurn)
}
