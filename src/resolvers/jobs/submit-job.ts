import type { Job } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

interface Options {
  readonly idempotencyKey?: string | null | undefined
  readonly priority?: number | null | undefined
  readonly waitMs?: number | null | undefined
}

interface Arguments {
  readonly task: string
  readonly input?: unknown
  readonly options?: Options | null | undefined
}

export function submitJob(_root: unknown, args: Arguments, context: RequestContext): Promise<Job | Refused> {
  const { idempotencyKey = null, priority = null, waitMs = null } = args.options ?? {}
  return outcome(context, ['INVALID_INPUT', 'IDEMPOTENCY_CONFLICT', 'QUOTA_EXCEEDED'], () =>
    context.services.jobs.submit(context.principal, args.task, args.input, { idempotencyKey, priority, waitMs }),
  )
}
