import { sql, type ExpressionBuilder, type Kysely } from 'kysely'
import type { JobState } from '../../core/job.ts'
import { transitions } from '../../core/job-transitions.ts'
import type { JobGuard, Ledger } from '../../ports/ledger.ts'
import { databaseNow } from './database-now.ts'
import { toColumns, toJob, toJobAttempt, toNewRow } from './job-row.ts'
import type { Database } from './schema.ts'

/**
 * A state as it stands in the SQL text. The partial indexes of `jobs` are only found by a literal: with a bound parameter
 * SQLite never uses them, and PostgreSQL ignored them once the plan was a generic one (measured).
 */
const lit = (state: JobState) => sql.lit(state)
const unfinished = [lit('SCHEDULED'), lit('QUEUED'), lit('RUNNING')]

const { claimed, promoted } = transitions
// Each is written for one state: a second one in the table is an error of types here, and needs an index of its own.
const [claimable]: readonly [JobState] = claimed.from
const [promotable]: readonly [JobState] = promoted.from

/** `Ledger` in the tables `jobs`, `job_values`, `job_attempts` and `job_artifacts`. */
export function sqlLedger(db: Kysely<Database>): Ledger {
  return { ...lookups(db), ...values(db), ...changes(db), ...claims(db), ...onNodes(db) }
}

function lookups(db: Kysely<Database>): Pick<Ledger, 'find' | 'findByIdempotencyKey' | 'countUnfinished' | 'list'> {
  const jobs = () => db.selectFrom('jobs').selectAll()
  return {
    async find(id) {
      const row = await jobs().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toJob(row)
    },

    async findByIdempotencyKey(ownerId, task, key) {
      const row = await jobs()
        .where('owner_id', '=', ownerId)
        .where('task', '=', task)
        .where('idempotency_key', '=', key)
        .executeTakeFirst()
      return row === undefined ? null : toJob(row)
    },

    async countUnfinished(ownerId) {
      const row = await db
        .selectFrom('jobs')
        .select((on) => on.fn.countAll<number>().as('count'))
        .where('owner_id', '=', ownerId)
        .where('state', 'in', unfinished)
        .executeTakeFirst()
      return row?.count ?? 0
    },

    async list(ownerId, { limit, before = null }) {
      const own = jobs().where('owner_id', '=', ownerId).orderBy('id', 'desc').limit(limit)
      const rows = await (before === null ? own : own.where('id', '<', before)).execute()
      return rows.map(toJob)
    },
  }
}

/** What lies beside the row of a job. */
function values(db: Kysely<Database>): Pick<Ledger, 'input' | 'output' | 'artifacts' | 'attempts'> {
  return {
    async input(id) {
      const row = await db.selectFrom('job_values').select('input').where('job_id', '=', id).executeTakeFirst()
      return row === undefined ? null : parse(row.input)
    },

    async output(id) {
      const row = await db.selectFrom('job_values').select('output').where('job_id', '=', id).executeTakeFirst()
      return row?.output ?? null
    },

    async artifacts(id) {
      return db
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
        .orderBy('artifacts.id')
        .execute()
    },

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

function changes(db: Kysely<Database>): Pick<Ledger, 'insert' | 'update' | 'endAttempt'> {
  return {
    async insert(job) {
      const row = await db
        .insertInto('jobs')
        .values(toNewRow(job))
        .onConflict((on) =>
          on.columns(['owner_id', 'task', 'idempotency_key']).where('idempotency_key', 'is not', null).doNothing(),
        )
        .returningAll()
        .executeTakeFirst()
      if (row === undefined) return null
      await db
        .insertInto('job_values')
        .values({ job_id: job.id, input: JSON.stringify(job.input) })
        .execute()
      for (const artifactId of new Set(job.artifactIds)) {
        await db.insertInto('job_artifacts').values({ job_id: job.id, artifact_id: artifactId }).execute()
      }
      return toJob(row)
    },

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

    async endAttempt({ jobId, fence, finishedAt, outcome, error }) {
      await db
        .updateTable('job_attempts')
        .set({
          finished_at: finishedAt,
          outcome,
          error_code: error?.code ?? null,
          error_message: error?.message ?? null,
        })
        .where('job_id', '=', jobId)
        .where('fence', '=', fence)
        .execute()
    },
  }
}

function guardConditions(on: ExpressionBuilder<Database, 'jobs'>, guard: JobGuard) {
  const conditions = [on('state', 'in', guard.states.map(lit))]
  if (guard.fence !== undefined) conditions.push(on('fence', '=', guard.fence))
  if (guard.cancelRequested === true) conditions.push(on('cancel_requested_at', 'is not', null))
  if (guard.cancelRequested === false) conditions.push(on('cancel_requested_at', 'is', null))
  return conditions
}

function claims(db: Kysely<Database>): Pick<Ledger, 'claim' | 'promote'> {
  return {
    async claim({ nodeId, limit, now }) {
      const next = db
        .selectFrom('jobs')
        .select('id')
        .where('state', '=', lit(claimable))
        .orderBy('priority', 'desc')
        .orderBy('id')
        .limit(limit)
      const rows = await db
        .updateTable('jobs')
        .set({ state: claimed.to, fence: sql<number>`fence + 1`, node_id: nodeId, started_at: now })
        .where('id', 'in', next)
        .returningAll()
        .execute()
      if (rows.length === 0) return []
      const attempts = rows.map((row) => ({ job_id: row.id, fence: row.fence, node_id: nodeId, started_at: now }))
      await db.insertInto('job_attempts').values(attempts).execute()
      // RETURNING promises no order.
      return rows.map(toJob).toSorted((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1))
    },

    async promote(now, limit) {
      const due = db
        .selectFrom('jobs')
        .select('id')
        .where('state', '=', lit(promotable))
        .where('run_at', '<=', now)
        .orderBy('run_at')
        .limit(limit)
      const rows = await db
        .updateTable('jobs')
        .set({ state: promoted.to })
        .where('id', 'in', due)
        .returningAll()
        .execute()
      return rows.map(toJob)
    },
  }
}

function onNodes(db: Kysely<Database>): Pick<Ledger, 'orphans' | 'runningOn'> {
  return {
    async orphans(limit) {
      const rows = await db
        .selectFrom('jobs')
        .leftJoin('nodes', 'nodes.id', 'jobs.node_id')
        .selectAll('jobs')
        .where('jobs.state', '=', lit('RUNNING'))
        .where((on) => on.or([on('nodes.id', 'is', null), on('nodes.lease_until', '<=', databaseNow)]))
        .limit(limit)
        .execute()
      return rows.map(toJob)
    },

    async runningOn(nodeId) {
      const rows = await db
        .selectFrom('jobs')
        .selectAll()
        .where('state', '=', lit('RUNNING'))
        .where('node_id', '=', nodeId)
        .execute()
      return rows.map(toJob)
    },
  }
}
