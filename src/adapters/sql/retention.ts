import type { Kysely, OperandValueExpressionOrList } from 'kysely'
import type { Retention } from '../../ports/retention.ts'
import { toJob } from './job-row.ts'
import { ended, unfinished } from './ledger/state-literal.ts'
import { prepared } from './prepared.ts'
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
      return deleteJobs(db, old)
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

/** With the outputs that no other job names. Answers their ids. */
async function deleteJobs(
  db: Kysely<Database>,
  ids: OperandValueExpressionOrList<Database, 'jobs', 'id'>,
): Promise<readonly string[]> {
  const gone = await db.deleteFrom('jobs').where('id', 'in', ids).returning(['id', 'output_id']).execute()
  const outputs = gone.flatMap(({ output_id: output }) => (output === null ? [] : [output]))
  if (outputs.length > 0) {
    await db
      .deleteFrom('job_outputs')
      .where('id', 'in', outputs)
      .where((on) => on.not(on.exists(on.selectFrom('jobs').select('id').whereRef('output_id', '=', 'job_outputs.id'))))
      .execute()
  }
  return gone.map(({ id }) => id)
}

function ofDeparted(
  db: Kysely<Database>,
): Pick<Retention, 'isDeparted' | 'departedOwners' | 'unfinishedOf' | 'purgeOwner' | 'forgetDeparted'> {
  return {
    isDeparted: async (ownerId) => (await findDeparted(db, { ownerId })).length > 0,

    async departedOwners(clearedBefore, limit) {
      const rows = await db
        .selectFrom('departed_owners')
        .select('owner_id')
        .where((on) => on.or([on('cleared_at', 'is', null), on('cleared_at', '<', clearedBefore)]))
        .orderBy('owner_id')
        .limit(limit)
        .execute()
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
      const jobIds = await deleteJobs(db, over)
      const loose = db.selectFrom('artifacts').select('id').where('owner_id', '=', ownerId).where(unnamed).limit(limit)
      const artifacts = await db.deleteFrom('artifacts').where('id', 'in', loose).returning('hash').execute()
      return { jobIds, hashes: artifacts.map(({ hash }) => hash) }
    },

    async forgetDeparted(ownerId, now, clearedBefore) {
      const job = db.selectFrom('jobs').select('id').where('owner_id', '=', ownerId)
      const artifact = db.selectFrom('artifacts').select('id').where('owner_id', '=', ownerId)
      const left = await job.unionAll(artifact).limit(1).executeTakeFirst()
      if (left !== undefined) return false
      const owner = db.updateTable('departed_owners').where('owner_id', '=', ownerId)
      await owner.set({ cleared_at: now }).where('cleared_at', 'is', null).execute()
      const cleared = db.deleteFrom('departed_owners').where('cleared_at', '<', clearedBefore)
      await cleared.where('owner_id', '=', ownerId).execute()
      return true
    },
  }
}

/** Every job that is entered asks it. */
const findDeparted = prepared((db, { ownerId }: { ownerId: string }) =>
  db.selectFrom('departed_owners').select('owner_id').where('owner_id', '=', ownerId),
)
