import { sql, type Kysely } from 'kysely'
import type { Nodes } from '../../ports/ledger.ts'
import { databaseNow } from './database-now.ts'
import type { Database } from './schema.ts'

/** `Nodes` in the table `nodes`; leases are written and compared with the database's clock. */
export function sqlNodes(db: Kysely<Database>): Nodes {
  return {
    async renew(nodeId, leaseMs, tasks = new Map()) {
      const row = {
        lease_until: sql<number>`${databaseNow} + ${leaseMs}`,
        tasks: JSON.stringify(Object.fromEntries(tasks)),
      }
      await db
        .insertInto('nodes')
        .values({ id: nodeId, ...row })
        .onConflict((on) => on.column('id').doUpdateSet(row))
        .execute()
    },
    async live() {
      const rows = await db
        .selectFrom('nodes')
        .select(['id', 'tasks'])
        .where('lease_until', '>', databaseNow)
        .orderBy('id')
        .execute()
      return rows.map(({ id, tasks }) => ({ id, tasks: toTasks(tasks) }))
    },
    async remove(nodeId) {
      await db.deleteFrom('nodes').where('id', '=', nodeId).execute()
    },
    async removeOthers(nodeId) {
      await db.deleteFrom('nodes').where('id', '!=', nodeId).execute()
    },
    async removeAll() {
      await db.deleteFrom('nodes').execute()
    },
  }
}

function toTasks(json: string): ReadonlyMap<string, string> {
  // What `renew` wrote.
  return new Map(Object.entries(JSON.parse(json) as Readonly<Record<string, string>>))
}
