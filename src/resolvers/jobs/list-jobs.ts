import type { Job } from '../../core/job.ts'
import type { Page } from '../../core/page.ts'
import type { RequestContext } from '../context.ts'

interface Arguments {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
}

export function listJobs(_root: unknown, args: Arguments, context: RequestContext): Promise<Page<Job>> {
  const { first, after } = args
  return context.services.jobs.list(context.principal, { first: first ?? 20, after: after ?? null })
}
