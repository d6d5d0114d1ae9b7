import { sql } from 'kysely'
import { isTerminal, jobStates, type JobState } from '../../../core/job.ts'

/**
 * A state as it stands in the SQL text. The partial indexes of `jobs` are only found by a literal: with a bound parameter
 * SQLite never uses them, and PostgreSQL ignored them once the plan was a generic one (measured).
 */
export const stateLiteral = (state: JobState) => sql.lit(state)

/** The states in which a job may still go on, and those in which it has ended. */
export const unfinished = jobStates.filter((state) => !isTerminal(state)).map(stateLiteral)
export const ended = jobStates.filter(isTerminal).map(stateLiteral)
