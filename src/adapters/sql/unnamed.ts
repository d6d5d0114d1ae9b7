import type { ExpressionBuilder } from 'kysely'
import type { Database } from './schema.ts'

/**
 * Whether no job names the artifact in its input nor wrote it. The foreign keys hold the same: what is named meanwhile
 * cannot be removed.
 */
export function unnamed(on: ExpressionBuilder<Database, 'artifacts'>) {
  const naming = on.selectFrom('job_artifacts').select('job_id').whereRef('artifact_id', '=', 'artifacts.id')
  const writing = on.selectFrom('written_artifacts').select('job_id').whereRef('artifact_id', '=', 'artifacts.id')
  return on.and([on.not(on.exists(naming)), on.not(on.exists(writing))])
}
