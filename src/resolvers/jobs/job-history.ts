import type { Job, JobAttempt } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'

export interface NumberedAttempt extends JobAttempt {
  /** Counted from 1. */
  readonly number: number
}

export async function jobHistory(job: Job, _arguments: object, context: RequestContext): Promise<NumberedAttempt[]> {
  const attempts = await context.services.jobs.attempts(job)
  return attempts.map((attempt, index) => ({ ...attempt, number: index + 1 }))
}
