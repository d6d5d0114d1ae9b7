import type { Kysely } from 'kysely'
import type { Retention } from '../../ports/retention.ts'
import { toJob } from './job-row.ts'
import { ended, unfinished } from './ledger/state-literal.ts'
import type { Database } from './schema.ts'
import { unnamed } from './unnamed.ts'

/** `Retention` over the tables of jobs and artifacts; what hangs on a job goes with it by the foreign keys. */
export function sqlRetention(db: Kysely<Database>): Retention {
  return { ...byAge(db), ...ofDeparted(db) }
}

function byAge(db: Kysely<Database>): Pick<Retention, 'purgeJobs' | 'purgeArtifacts' | 'purgeMemos'> {
  return {
    async purgeJobs(finishedBefore, limit) {
      const old = db
        .selectFrom('jobs')
        .select('id')
        .where('finished_at', '<', finishedBefore)
        .orderBy('finished_at')
        .limit(limit)
      const gone = await db.deleteFrom('jobs').where('id', 'in', old).returning('id').execute()
      return gone.map(({ id }) => id)
    },

    async purgeArtifacts(createdBefore, limit) {
      const old = db
        .selectFrom('artifacts')
        .select('id')
        .where('created_at', '<', createdBefore)
        .where(unnamed)
        .orderBy('created_at')
        .limit(limit)
      const gone = await db.deleteFrom('artifacts').where('id', 'in', old).returning('hash').execute()
      return gone.map(({ hash }) => hash)
    },

    async purgeMemos(now, limit) {
      const over = db
        .selectFrom('memos')
        .select('job_id')
        .where('expires_at', '<=', now)
        .orderBy('expires_at')
        .limit(limit)
      const gone = await db
        .deleteFrom('memos')
        .where('job_id', 'in', over)
        .where('expires_at', '<=', now)
        .returning('job_id')
        .execute()
      return gone.length
    },
  }
}

function ofDeparted(
  db: Kysely<Database>,
): Pick<Retention, 'departedOwners' | 'unfinishedOf' | 'purgeOwner' | 'forgetDeparted'> {
  return {
    async departedOwners(limit) {
      const rows = await db.selectFrom('departed_owners').select('owner_id').orderBy('owner_id').limit(limit).execute()
      return rows.map((row) => row.owner_id)
    },

    async unfinishedOf(ownerId, limit) {
      const rows = await db
        .selectFrom('jobs')
        .selectAll()
        .where('owner_id', '=', ownerId)
        .where('state', 'in', unfinished)
        .limit(limit)
        .execute()
      return rows.map(toJob)
    },

    async purgeOwner(ownerId, limit) {
      const over = db
        .selectFrom('jobs')
        .select('id')
        .where('owner_id', '=', ownerId)
        .where('state', 'in', ended)
        .limit(limit)
      const jobs = await db.deleteFrom('jobs').where('id', 'in', over).returning('id').execute()
      const loose = db.selectFrom('artifacts').select('id').where('owner_id', '=', ownerId).where(unnamed).limit(limit)
      const artifacts = await db.deleteFrom('artifacts').where('id', 'in', loose).returning('hash').execute()
      return { jobIds: jobs.map(({ id }) => id), hashes: artifacts.map(({ hash }) => hash) }
    },

    async forgetDeparted(ownerId) {
      const job = db.selectFrom('jobs').select('id').where('owner_id', '=', ownerId)
      const artifact = db.selectFrom('artifacts').select('id').where('owner_id', '=', ownerId)
      const left = await job.unionAll(artifact).limit(1).executeTakeFirst()
      if (left !== undefined) return false
      await db.deleteFrom('departed_owners').where('owner_id', '=', ownerId).execute()
      return true
    },
  }
}
