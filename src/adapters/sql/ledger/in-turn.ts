import type { Kysely } from 'kysely'
import type { Job, JobState } from '../../../core/job.ts'
import { transitions } from '../../../core/job-transitions.ts'
import type { Database } from '../schema.ts'
import { stateLiteral } from './state-literal.ts'

/** Here is written for one state: a second one in the table is an error of types, and needs an index of its own. */
export const [claimable]: readonly [JobState] = transitions.claimed.from

/** The jobs that a node may take at that time, in the order in which they are to be taken. */
export function inTurn(db: Kysely<Database>, now: number) {
  return db
    .selectFrom('jobs')
    .where('state', '=', stateLiteral(claimable))
    .where((on) => on.or([on('expires_at', 'is', null), on('expires_at', '>', now)]))
    .orderBy('priority', 'desc')
    .orderBy('id')
}

/** The same order among those that were read. */
export function byTurn(a: Pick<Job, 'id' | 'priority'>, b: Pick<Job, 'id' | 'priority'>): number {
  return b.priority - a.priority || (a.id < b.id ? -1 : 1)
}
