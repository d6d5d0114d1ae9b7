import type { Job } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'

interface Arguments {
  readonly first?: number | null | undefined
  readonly before?: string | null | undefined
}

export function listJobs(
  _root: unknown,
  { first, before }: Arguments,
  context: RequestContext,
): Promise<readonly Job[]> {
  const options = { limit: first ?? 20, ...(before ? { before } : {}) }
  return context.services.jobs.list(context.principal, options)
}
