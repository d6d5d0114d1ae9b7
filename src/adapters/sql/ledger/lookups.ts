import type { Kysely } from 'kysely'
import type { Ledger } from '../../../ports/ledger.ts'
import { toJob } from '../job-row.ts'
import type { Database } from '../schema.ts'
import { stateLiteral, unfinished } from './state-literal.ts'

/** What is looked up of jobs, and counted. */
export function lookups(
  db: Kysely<Database>,
): Pick<Ledger, 'find' | 'findByIdempotencyKey' | 'countUnfinished' | 'countQueued'> {
  const jobs = () => db.selectFrom('jobs').selectAll()
  const count = () => db.selectFrom('jobs').select((on) => on.fn.countAll<number>().as('count'))
  return {
    async find(id) {
      const row = await jobs().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toJob(row)
    },

    async findByIdempotencyKey(ownerId, task, key) {
      const row = await jobs()
        .where('owner_id', '=', ownerId)
        .where('task', '=', task)
        .where('idempotency_key', '=', key)
        .executeTakeFirst()
      return row === undefined ? null : toJob(row)
    },

    async countUnfinished(ownerId) {
      const row = await count().where('owner_id', '=', ownerId).where('state', 'in', unfinished).executeTakeFirst()
      return row?.count ?? 0
    },

    async countQueued() {
      const row = await count().where('state', '=', stateLiteral('QUEUED')).executeTakeFirst()
      return row?.count ?? 0
    },
  }
}
