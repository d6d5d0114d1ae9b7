import type { Job, JobState } from '../../core/job.ts'
import type { Page } from '../../core/page.ts'
import type { JobFilter } from '../../ports/ledger.ts'
import type { RequestContext } from '../context.ts'

interface Filter {
  readonly states?: readonly JobState[] | null | undefined
  readonly task?: string | null | undefined
  readonly tag?: string | null | undefined
}

interface Arguments {
  readonly filter?: Filter | null | undefined
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
}

export function listJobs(_root: unknown, args: Arguments, context: RequestContext): Promise<Page<Job>> {
  const { first, after, filter } = args
  const page = { first: first ?? 20, after: after ?? null }
  return context.services.jobs.list(context.principal, page, readFilter(filter ?? {}))
}

function readFilter({ states, task, tag }: Filter): JobFilter {
  return {
    ...(states ? { states } : {}),
    ...(typeof task === 'string' ? { task } : {}),
    ...(typeof tag === 'string' ? { tag } : {}),
  }
}
