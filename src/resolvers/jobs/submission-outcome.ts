import type { ErrorCode } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import { maxWaitMs, type SubmitOptions } from '../../services/jobs/submit-options.ts'
import type { Refused } from '../refused.ts'

/** The refusals that are members of every submission's union. */
const expected: readonly ErrorCode[] = ['INVALID_INPUT', 'IDEMPOTENCY_CONFLICT', 'QUOTA_EXCEEDED']

/** `waitMs`: how long the caller asked to wait for the job's end. */
export function submissionOutcome(
  context: RequestContext,
  { waitMs }: Pick<SubmitOptions, 'waitMs'>,
  enter: () => Promise<Job>,
): Promise<Job | Refused> {
  const { trace } = context
  if (typeof waitMs === 'number') trace?.mayWait(Math.min(Math.max(0, waitMs), maxWaitMs))
  return outcome(context, expected, async () => {
    const job = await enter()
    trace?.submitted(job.id)
    return job
  })
}
