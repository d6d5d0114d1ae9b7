import type { ErrorCode } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

/** The refusals that are members of every submission's union. */
const expected: readonly ErrorCode[] = ['INVALID_INPUT', 'IDEMPOTENCY_CONFLICT', 'QUOTA_EXCEEDED']

export function submissionOutcome(context: RequestContext, enter: () => Promise<Job>): Promise<Job | Refused> {
  return outcome(context, expected, enter)
}
