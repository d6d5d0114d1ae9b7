import type { Kysely } from 'kysely'
import type { Ledger } from '../../../ports/ledger.ts'
import { toArtifact } from '../artifact-index.ts'
import type { Database } from '../schema.ts'
import { unnamed } from '../unnamed.ts'

/** Files that jobs wrote, in the table `written_artifacts`. */
export function writtenArtifacts(db: Kysely<Database>): Pick<Ledger, 'attachWritten' | 'written' | 'dropWritten'> {
  return {
    async attachWritten(jobId, fence, artifactId) {
      await db.insertInto('written_artifacts').values({ job_id: jobId, fence, artifact_id: artifactId }).execute()
    },

    async written(jobId) {
      const rows = await db
        .selectFrom('written_artifacts')
        .innerJoin('artifacts', 'artifacts.id', 'written_artifacts.artifact_id')
        .selectAll('artifacts')
        .where('written_artifacts.job_id', '=', jobId)
        // Ids sort by the time they were made.
        .orderBy('written_artifacts.artifact_id')
        .execute()
      return rows.map(toArtifact)
    },

    async dropWritten(jobId, fence) {
      const dropped = await db
        .deleteFrom('written_artifacts')
        .where('job_id', '=', jobId)
        .where('fence', '=', fence)
        .returning('artifact_id')
        .execute()
      if (dropped.length === 0) return []
      const ids = dropped.map((row) => row.artifact_id)
      const gone = await db.deleteFrom('artifacts').where('id', 'in', ids).where(unnamed).returning('hash').execute()
      return gone.map(({ hash }) => hash)
    },
  }
}
