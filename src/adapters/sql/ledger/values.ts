import type { Kysely } from 'kysely'
import type { Ledger } from '../../../ports/ledger.ts'
import { toJobAttempt } from '../job-row.ts'
import { prepared } from '../prepared.ts'
import type { Database } from '../schema.ts'

/** What lies beside the row of a job. */
export function values(db: Kysely<Database>): Pick<Ledger, 'input' | 'output' | 'artifacts' | 'attempts'> {
  return {
    async input(id) {
      const [row] = await findInput(db, { id })
      return row === undefined ? null : parse(row.input)
    },

    async output(id) {
      const row = await db
        .selectFrom('jobs')
        .innerJoin('job_outputs', 'job_outputs.id', 'jobs.output_id')
        .select('job_outputs.text')
        .where('jobs.id', '=', id)
        .executeTakeFirst()
      return row?.text ?? null
    },

    artifacts: (id) => findArtifacts(db, { id }),

    async attempts(jobId) {
      const rows = await db
        .selectFrom('job_attempts')
        .selectAll()
        .where('job_id', '=', jobId)
        .orderBy('fence')
        .execute()
      return rows.map(toJobAttempt)
    },
  }
}

function parse(text: string): unknown {
  return JSON.parse(text)
}

const findInput = prepared((db, { id }: { id: string }) =>
  db.selectFrom('job_values').select('input').where('job_id', '=', id),
)

const findArtifacts = prepared((db, { id }: { id: string }) =>
  db
    .selectFrom('job_artifacts')
    .innerJoin('artifacts', 'artifacts.id', 'job_artifacts.artifact_id')
    .select([
      'artifacts.id',
      'artifacts.file_name as fileName',
      'artifacts.media_type as mediaType',
      'artifacts.size',
      'artifacts.hash',
    ])
    .where('job_artifacts.job_id', '=', id)
    .orderBy('artifacts.id'),
)
