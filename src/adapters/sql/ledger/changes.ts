import type { ExpressionBuilder, Kysely } from 'kysely'
import type { JobGuard, Ledger } from '../../../ports/ledger.ts'
import { toColumns, toJob } from '../job-row.ts'
import type { Database } from '../schema.ts'
import { stateLiteral } from './state-literal.ts'

/** Changes of one job. */
export function changes(db: Kysely<Database>): Pick<Ledger, 'update' | 'endAttempt'> {
  return {
    async update(id, guard, change) {
      const row = await db
        .updateTable('jobs')
        .set(toColumns(change))
        .where('id', '=', id)
        .where((on) => on.and(guardConditions(on, guard)))
        .returningAll()
        .executeTakeFirst()
      if (row === undefined) return null
      if (change.output !== undefined) {
        const output = JSON.stringify(change.output)
        await db.updateTable('job_values').set({ output }).where('job_id', '=', id).execute()
      }
      return toJob(row)
    },

    async endAttempt({ jobId, fence, finishedAt, outcome, error, cpuMs }) {
      await db
        .updateTable('job_attempts')
        .set({
          finished_at: finishedAt,
          outcome,
          error_code: error?.code ?? null,
          error_message: error?.message ?? null,
          cpu_ms: cpuMs,
        })
        .where('job_id', '=', jobId)
        .where('fence', '=', fence)
        .execute()
    },
  }
}

function guardConditions(on: ExpressionBuilder<Database, 'jobs'>, guard: JobGuard) {
  const conditions = [on('state', 'in', guard.states.map(stateLiteral))]
  if (guard.fence !== undefined) conditions.push(on('fence', '=', guard.fence))
  if (guard.cancelRequested === true) conditions.push(on('cancel_requested_at', 'is not', null))
  if (guard.cancelRequested === false) conditions.push(on('cancel_requested_at', 'is', null))
  return conditions
}
