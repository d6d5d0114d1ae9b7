import type { Kysely } from 'kysely'
import type { Ledger } from '../../../ports/ledger.ts'
import { toJob } from '../job-row.ts'
import type { Database } from '../schema.ts'

/** What results are remembered, in the table `memos`. */
export function memos(db: Kysely<Database>): Pick<Ledger, 'memoize' | 'findMemo'> {
  return {
    async memoize({ id, ownerId, task, taskVersion, memoKey }, expiresAt) {
      if (memoKey === null) throw new TypeError(`The job ${id} has no key under which its result could be remembered.`)
      const place = { owner_id: ownerId, task, version: taskVersion, memo_key: memoKey }
      const memo = { job_id: id, expires_at: expiresAt }
      await db
        .insertInto('memos')
        .values({ ...place, ...memo })
        .onConflict((on) => on.columns(['owner_id', 'task', 'version', 'memo_key']).doUpdateSet(memo))
        .execute()
    },

    async findMemo({ ownerId, task, taskVersion, memoKey }, now) {
      const row = await db
        .selectFrom('memos')
        .innerJoin('jobs', 'jobs.id', 'memos.job_id')
        .selectAll('jobs')
        .where('memos.owner_id', '=', ownerId)
        .where('memos.task', '=', task)
        .where('memos.version', '=', taskVersion)
        .where('memos.memo_key', '=', memoKey)
        .where('memos.expires_at', '>', now)
        .executeTakeFirst()
      return row === undefined ? null : toJob(row)
    },
  }
}
