import type { Kysely } from 'kysely'
import type { Ledger } from '../../../ports/ledger.ts'
import { toJob } from '../job-row.ts'
import { prepared } from '../prepared.ts'
import type { Database } from '../schema.ts'
import { stateLiteral, unfinished } from './state-literal.ts'
import { findQueuedTasks } from './within-limits.ts'

/** What is looked up of jobs, and counted. */
export function lookups(
  db: Kysely<Database>,
): Pick<Ledger, 'find' | 'findByIdempotencyKey' | 'countUnfinished' | 'countQueued' | 'queuedTasks' | 'queuedOf'> {
  return {
    async find(id) {
      const [row] = await findById(db, { id })
      return row === undefined ? null : toJob(row)
    },

    async findByIdempotencyKey(ownerId, task, key) {
      const [row] = await findByKey(db, { ownerId, task, key })
      return row === undefined ? null : toJob(row)
    },

    async countUnfinished(ownerId) {
      const [row] = await countUnfinished(db, { ownerId })
      return row?.count ?? 0
    },

    async countQueued() {
      const row = await countJobs(db).where('state', '=', stateLiteral('QUEUED')).executeTakeFirst()
      return row?.count ?? 0
    },

    queuedTasks: () => findQueuedTasks(db),

    async queuedOf(task, dueBefore, limit) {
      const rows = await db
        .selectFrom('jobs')
        .selectAll()
        .where('state', '=', stateLiteral('QUEUED'))
        .where('task', '=', task)
        .where('run_at', '<=', dueBefore)
        .limit(limit)
        .execute()
      return rows.map(toJob)
    },
  }
}

const findById = prepared((db, { id }: { id: string }) => db.selectFrom('jobs').selectAll().where('id', '=', id))

const findByKey = prepared((db, { ownerId, task, key }: { ownerId: string; task: string; key: string }) =>
  db
    .selectFrom('jobs')
    .selectAll()
    .where('owner_id', '=', ownerId)
    .where('task', '=', task)
    .where('idempotency_key', '=', key),
)

const countUnfinished = prepared((db, { ownerId }: { ownerId: string }) =>
  countJobs(db).where('owner_id', '=', ownerId).where('state', 'in', unfinished),
)

function countJobs(db: Kysely<Database>) {
  return db.selectFrom('jobs').select((on) => on.fn.countAll<number>().as('count'))
}
