import { sql, type Kysely } from 'kysely'
import type { Nodes } from '../../ports/ledger.ts'
import { databaseNow } from './database-now.ts'
import type { Database } from './schema.ts'

/** `Nodes` in the table `nodes`; leases are written and compared with the database's clock. */
export function sqlNodes(db: Kysely<Database>): Nodes {
  return {
    async renew(nodeId, leaseMs) {
      const leaseUntil = sql<number>`${databaseNow} + ${leaseMs}`
      await db
        .insertInto('nodes')
        .values({ id: nodeId, lease_until: leaseUntil })
        .onConflict((on) => on.column('id').doUpdateSet({ lease_until: leaseUntil }))
        .execute()
    },
    async remove(nodeId) {
      await db.deleteFrom('nodes').where('id', '=', nodeId).execute()
    },
    async removeOthers(nodeId) {
      await db.deleteFrom('nodes').where('id', '!=', nodeId).execute()
    },
  }
}
