import type { ExpressionBuilder, Insertable, Kysely, Updateable } from 'kysely'
import type { JobGuard, Ledger } from '../../../ports/ledger.ts'
import { toColumns, toJob } from '../job-row.ts'
import { prepared } from '../prepared.ts'
import type { Database } from '../schema.ts'
import { stateLiteral } from './state-literal.ts'

/** Changes of one job. */
export function changes(db: Kysely<Database>): Pick<Ledger, 'update' | 'endAttempt'> {
  return {
    async update(id, { fence, ...form }, change) {
      const { outputJson } = change
      const output_id = outputJson === undefined ? undefined : id
      const [row] = await updateJob(db, { ...toColumns(change), output_id, id, guardingFence: fence }, form)
      if (row === undefined) return null
      if (outputJson !== undefined) await insertOutput(db, { id, text: outputJson })
      return toJob(row)
    },

    async endAttempt({ jobId, fence, finishedAt, outcome, error, cpuMs }) {
      await updateAttempt(db, {
        jobId,
        fence,
        finished_at: finishedAt,
        outcome,
        error_code: error?.code ?? null,
        error_message: error?.message ?? null,
        cpu_ms: cpuMs,
      })
    },
  }
}

interface UpdateValues extends ReturnType<typeof toColumns> {
  readonly output_id: string | undefined
  readonly id: string
  readonly guardingFence: number | undefined
}

/** The text depends on which columns change and on the guard. */
const updateJob = prepared((db, { id, guardingFence, ...columns }: UpdateValues, guard: Omit<JobGuard, 'fence'>) =>
  db
    .updateTable('jobs')
    .set(columns)
    .where('id', '=', id)
    .where((on) => on.and(guardConditions(on, guard, guardingFence)))
    .returningAll(),
)

function guardConditions(
  on: ExpressionBuilder<Database, 'jobs'>,
  { states, cancelRequested }: Omit<JobGuard, 'fence'>,
  fence: number | undefined,
) {
  const conditions = [on('state', 'in', states.map(stateLiteral))]
  if (fence !== undefined) conditions.push(on('fence', '=', fence))
  if (cancelRequested === true) conditions.push(on('cancel_requested_at', 'is not', null))
  if (cancelRequested === false) conditions.push(on('cancel_requested_at', 'is', null))
  return conditions
}

const insertOutput = prepared((db, row: Insertable<Database['job_outputs']>) =>
  db.insertInto('job_outputs').values(row),
)

interface AttemptColumns extends Updateable<Database['job_attempts']> {
  readonly jobId: string
  readonly fence: number
}

const updateAttempt = prepared((db, { jobId, fence, ...columns }: AttemptColumns) =>
  db.updateTable('job_attempts').set(columns).where('job_id', '=', jobId).where('fence', '=', fence),
)
