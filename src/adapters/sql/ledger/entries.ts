import type { Insertable, Kysely } from 'kysely'
import { entrances } from '../../../core/job-transitions.ts'
import type { Ledger, NewJob } from '../../../ports/ledger.ts'
import { toJob, toNewRow } from '../job-row.ts'
import { prepared } from '../prepared.ts'
import type { Database } from '../schema.ts'

/** How jobs are entered. A job with neither files nor tags takes two statements. */
export function entries(db: Kysely<Database>): Pick<Ledger, 'insert' | 'insertMemoized'> {
  return {
    async insert(job) {
      const [row] = await insertRow(db, toNewRow(job))
      if (row === undefined) return null
      await insertInput(db, { job_id: job.id, input: JSON.stringify(job.input) })
      await insertBeside(db, job)
      return toJob(row)
    },

    async insertMemoized(job, from) {
      const output_id = await findOutput(db, from.id)
      const outcome = { state: entrances.memoized.to, finished_at: job.createdAt, memoized_from: from.id, output_id }
      const [row] = await insertRow(db, { ...toNewRow(job), ...outcome })
      if (row === undefined) return null
      await insertInput(db, { job_id: job.id, input: JSON.stringify(job.input) })
      await insertBeside(db, job)
      await copyWritten(db, job.id, from.id)
      return toJob(row)
    },
  }
}

const insertRow = prepared((db, row: Insertable<Database['jobs']>) =>
  db
    .insertInto('jobs')
    .values(row)
    .onConflict((on) =>
      on.columns(['owner_id', 'task', 'idempotency_key']).where('idempotency_key', 'is not', null).doNothing(),
    )
    .returningAll(),
)

const insertInput = prepared((db, row: Insertable<Database['job_values']>) => db.insertInto('job_values').values(row))

/** The files that the input names, and the tags. */
async function insertBeside(db: Kysely<Database>, { id, ownerId, artifactIds, tags }: NewJob): Promise<void> {
  if (artifactIds.length > 0) {
    const rows = [...new Set(artifactIds)].map((artifactId) => ({ job_id: id, artifact_id: artifactId }))
    await db.insertInto('job_artifacts').values(rows).execute()
  }
  if (tags.length > 0) {
    const rows = tags.map((tag) => ({ owner_id: ownerId, tag, job_id: id }))
    await db.insertInto('job_tags').values(rows).execute()
  }
}

async function findOutput(db: Kysely<Database>, jobId: string): Promise<string> {
  const row = await db.selectFrom('jobs').select('output_id').where('id', '=', jobId).executeTakeFirst()
  const output = row?.output_id ?? null
  if (output === null) throw new TypeError(`The job ${jobId} has no result that could be taken over.`)
  return output
}

async function copyWritten(db: Kysely<Database>, jobId: string, fromId: string): Promise<void> {
  await db
    .insertInto('written_artifacts')
    .columns(['job_id', 'artifact_id', 'fence'])
    .expression((on) =>
      on
        .selectFrom('written_artifacts')
        .select(({ val, lit }) => [val(jobId).as('job_id'), 'artifact_id', lit(0).as('fence')])
        .where('job_id', '=', fromId),
    )
    .execute()
}
