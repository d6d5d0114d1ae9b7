import { sql, type Kysely } from 'kysely'
import type { Job } from '../../../core/job.ts'
import { prepared } from '../prepared.ts'
import type { Database } from '../schema.ts'
import { byTurn, inTurn } from './in-turn.ts'
import { stateLiteral } from './state-literal.ts'

interface Limits {
  readonly limit: number
  readonly now: number
  /** How many jobs of a task may be RUNNING. */
  readonly concurrency: ReadonlyMap<string, number>
  /** The only tasks that count, each with the versions that do not; `undefined`: all. */
  readonly tasks: ReadonlyMap<string, readonly string[]> | undefined
}

type Candidate = Pick<Job, 'id' | 'priority' | 'task' | 'taskVersion'>

/**
 * The ids of the next jobs (`first`: of the first in turn), without those which are not for this node or for which their task has no room. Mostly the first
 * in turn will do. Where they do not, each task is asked for its own first ones, so that a backlog of a task at its limit, or
 * of one that this node does not have, is not read.
 * The limit holds because the caller's transaction is the only one that writes; PostgreSQL would need a lock here.
 */
export async function findWithinLimits(db: Kysely<Database>, limits: Limits): Promise<readonly string[] | 'first'> {
  const { now, limit, concurrency, tasks } = limits
  const first = await findFirst(db, { now, limit })
  if (first.length === 0) return []
  const areForUs = first.every((candidate) => isForUs(candidate, tasks))
  const areLimited = first.some(({ task }) => concurrency.has(task))
  if (areForUs && !areLimited) return 'first'
  const room = await findRoom(db, concurrency)
  if (areForUs && fit(first, room)) return 'first'

  const candidates: Candidate[] = []
  for (const task of await findQueuedTasks(db)) {
    const others = tasks === undefined ? [] : tasks.get(task)
    const most = others === undefined ? 0 : Math.min(limit, room.get(task) ?? limit)
    if (most > 0) candidates.push(...(await findCandidates(db, { now, limit: most, task, except: others ?? [] })))
  }
  return idsOf(candidates.toSorted(byTurn).slice(0, limit))
}

function isForUs({ task, taskVersion }: Candidate, tasks: Limits['tasks']): boolean {
  if (tasks === undefined) return true
  const others = tasks.get(task)
  return others !== undefined && !others.includes(taskVersion)
}

const idsOf = (candidates: readonly Candidate[]) => candidates.map(({ id }) => id)

const columns = ['id', 'priority', 'task', 'task_version as taskVersion'] as const

const findFirst = prepared((db, { now, limit }: { readonly now: number; readonly limit: number }) =>
  inTurn(db, now).select(columns).limit(limit),
)

function findCandidates(
  db: Kysely<Database>,
  {
    now,
    limit,
    task,
    except,
  }: Pick<Limits, 'now' | 'limit'> & { readonly task: string; readonly except: readonly string[] },
): Promise<readonly Candidate[]> {
  const ofTask = inTurn(db, now).select(columns).limit(limit).where('task', '=', task)
  return (except.length === 0 ? ofTask : ofTask.where('task_version', 'not in', except)).execute()
}

/** How many more jobs of each limited task may run. */
async function findRoom(db: Kysely<Database>, concurrency: Limits['concurrency']): Promise<Map<string, number>> {
  if (concurrency.size === 0) return new Map()
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
export async function findQueuedTasks(db: Kysely<Database>): Promise<readonly string[]> {
  const queued = stateLiteral('QUEUED')
  const { rows } = await sql<{ task: string }>`with recursive queued (task) as (
      select min(task) from jobs where state = ${queued}
      union all
      select (select min(task) from jobs where state = ${queued} and task > queued.task) from queued
      where queued.task is not null)
    select task from queued where task is not null`.execute(db)
  return rows.map(({ task }) => task)
}
