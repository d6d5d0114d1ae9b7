import { sql, type Kysely } from 'kysely'
import type { Job } from '../../../core/job.ts'
import type { Database } from '../schema.ts'
import { byTurn, inTurn } from './in-turn.ts'
import { stateLiteral } from './state-literal.ts'

interface Limits {
  readonly limit: number
  readonly now: number
  /** How many jobs of a task may be RUNNING. */
  readonly concurrency: ReadonlyMap<string, number>
}

type Candidate = Pick<Job, 'id' | 'priority' | 'task'>

/**
 * The ids of the next jobs, without those for which their task has no room. Mostly the first in turn will do. Where they are
 * too many of one task, each task is asked for its own first ones, so that a backlog of a task at its limit is not read.
 * The limit holds because the caller's transaction is the only one that writes; PostgreSQL would need a lock here.
 */
export async function findWithinLimits(db: Kysely<Database>, limits: Limits): Promise<readonly string[]> {
  const first = await findCandidates(db, limits.now, limits.limit)
  if (!first.some(({ task }) => limits.concurrency.has(task))) return idsOf(first)
  const room = await findRoom(db, limits.concurrency)
  if (fit(first, room)) return idsOf(first)

  const candidates: Candidate[] = []
  for (const task of await findQueuedTasks(db)) {
    const most = Math.min(limits.limit, room.get(task) ?? limits.limit)
    if (most > 0) candidates.push(...(await findCandidates(db, limits.now, most, task)))
  }
  return idsOf(candidates.toSorted(byTurn).slice(0, limits.limit))
}

const idsOf = (candidates: readonly Candidate[]) => candidates.map(({ id }) => id)

function findCandidates(
  db: Kysely<Database>,
  now: number,
  limit: number,
  task?: string,
): Promise<readonly Candidate[]> {
  const next = inTurn(db, now).select(['id', 'priority', 'task']).limit(limit)
  return (task === undefined ? next : next.where('task', '=', task)).execute()
}

/** How many more jobs of each limited task may run. */
async function findRoom(db: Kysely<Database>, concurrency: Limits['concurrency']): Promise<Map<string, number>> {
  const running = await db
    .selectFrom('jobs')
    .select('task')
    .where('state', '=', stateLiteral('RUNNING'))
    .where('task', 'in', [...concurrency.keys()])
    .execute()
  const room = new Map(concurrency)
  for (const { task } of running) room.set(task, (room.get(task) ?? 0) - 1)
  return room
}

function fit(candidates: readonly Candidate[], room: ReadonlyMap<string, number>): boolean {
  const left = new Map(room)
  return candidates.every(({ task }) => {
    const more = left.get(task)
    if (more === undefined) return true
    left.set(task, more - 1)
    return more > 0
  })
}

/** Hops from task to task along the index: `select distinct` would read all of it. */
async function findQueuedTasks(db: Kysely<Database>): Promise<readonly string[]> {
  const queued = stateLiteral('QUEUED')
  const { rows } = await sql<{ task: string }>`with recursive queued (task) as (
      select min(task) from jobs where state = ${queued}
      union all
      select (select min(task) from jobs where state = ${queued} and task > queued.task) from queued
      where queued.task is not null)
    select task from queued where task is not null`.execute(db)
  return rows.map(({ task }) => task)
}
