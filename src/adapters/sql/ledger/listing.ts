import type { Kysely } from 'kysely'
import { isTerminal, type Job, type JobState, jobStates } from '../../../core/job.ts'
import type { JobFilter, Ledger } from '../../../ports/ledger.ts'
import { toJob } from '../job-row.ts'
import type { Database } from '../schema.ts'
import { ended, stateLiteral } from './state-literal.ts'

interface Page {
  readonly ownerId: string
  readonly limit: number
  readonly before: string | null
  readonly filter: JobFilter
}

/** The list of an owner's jobs. */
export function listing(db: Kysely<Database>): Pick<Ledger, 'list'> {
  return {
    list(ownerId, { limit, before = null, filter = {} }) {
      const page = { ownerId, limit, before, filter }
      const { tag, task, states } = filter
      // Of an owner's jobs few have not ended, however many have the tag.
      if (tag !== undefined && (states?.some(isTerminal) ?? true)) return listTagged(db, page, tag)
      if (states === undefined && task === undefined) return listInState(db, page, null)
      return listInStates(db, page, [...new Set(states ?? jobStates)])
    },
  }
}

/** State by state, each a stretch of the index: of an owner's thousands that have ended none is read to find the few that have not. */
async function listInStates(db: Kysely<Database>, page: Page, states: readonly JobState[]): Promise<readonly Job[]> {
  const jobs: Job[] = []
  for (const state of states) jobs.push(...(await listInState(db, page, state)))
  return jobs.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, page.limit)
}

async function listInState(db: Kysely<Database>, page: Page, state: JobState | null): Promise<readonly Job[]> {
  const { ownerId, before, filter } = page
  let jobs = db.selectFrom('jobs').selectAll().where('owner_id', '=', ownerId).orderBy('id', 'desc').limit(page.limit)
  if (state !== null) jobs = jobs.where('state', '=', stateLiteral(state))
  // What the partial index by task is found by.
  if (state !== null && isTerminal(state)) jobs = jobs.where('state', 'in', ended)
  if (filter.task !== undefined) jobs = jobs.where('task', '=', filter.task)
  const { tag } = filter
  if (tag !== undefined) {
    jobs = jobs.where((on) => {
      const marks = on.selectFrom('job_tags').select('tag').whereRef('job_tags.job_id', '=', 'jobs.id')
      return on.exists(marks.where('job_tags.owner_id', '=', ownerId).where('job_tags.tag', '=', tag))
    })
  }
  if (before !== null) jobs = jobs.where('id', '<', before)
  return (await jobs.execute()).map(toJob)
}

/** Along the owner's jobs with the tag. */
async function listTagged(db: Kysely<Database>, page: Page, tag: string): Promise<readonly Job[]> {
  const { ownerId, before, filter } = page
  let jobs = db
    .selectFrom('job_tags')
    .innerJoin('jobs', 'jobs.id', 'job_tags.job_id')
    .selectAll('jobs')
    .where('job_tags.owner_id', '=', ownerId)
    .where('job_tags.tag', '=', tag)
    .orderBy('job_tags.job_id', 'desc')
    .limit(page.limit)
  if (filter.states !== undefined) jobs = jobs.where('jobs.state', 'in', filter.states)
  if (filter.task !== undefined) jobs = jobs.where('jobs.task', '=', filter.task)
  if (before !== null) jobs = jobs.where('job_tags.job_id', '<', before)
  return (await jobs.execute()).map(toJob)
}
