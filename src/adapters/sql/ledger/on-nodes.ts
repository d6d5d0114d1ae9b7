import type { Kysely } from 'kysely'
import type { Ledger } from '../../../ports/ledger.ts'
import { databaseNow } from '../database-now.ts'
import { toJob } from '../job-row.ts'
import type { Database } from '../schema.ts'
import { stateLiteral } from './state-literal.ts'

/** Which jobs run where. */
export function onNodes(db: Kysely<Database>): Pick<Ledger, 'orphans' | 'runningOn'> {
  return {
    async orphans(limit, { expired }) {
      const rows = await db
        .selectFrom('jobs')
        .leftJoin('nodes', 'nodes.id', 'jobs.node_id')
        .selectAll('jobs')
        .where('jobs.state', '=', stateLiteral('RUNNING'))
        .where((on) =>
          on.or([on('nodes.id', 'is', null), ...(expired ? [on('nodes.lease_until', '<=', databaseNow)] : [])]),
        )
        .limit(limit)
        .execute()
      return rows.map(toJob)
    },

    async runningOn(nodeId) {
      const rows = await db
        .selectFrom('jobs')
        .selectAll()
        .where('state', '=', stateLiteral('RUNNING'))
        .where('node_id', '=', nodeId)
        .execute()
      return rows.map(toJob)
    },
  }
}
