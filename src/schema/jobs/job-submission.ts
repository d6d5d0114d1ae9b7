import type { OutputRef } from '@pothos/core'
import type { Job } from '../../core/job.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'

interface Submission {
  /** What the two types' names begin with. */
  readonly prefix: string
  readonly job: OutputRef<Job>
  readonly of: string
}

/** Adds the union that a mutation which enters jobs answers with: `<prefix>Accepted` or a refusal. */
export function addJobSubmission(builder: Builder, refusals: Refusals, { prefix, job, of }: Submission) {
  const accepted = builder.objectRef<Job>(`${prefix}Accepted`).implement({
    description: `The job for ${of} was entered, and outlives a crash of the server from here on.`,
    directives: requiresOneOf('jobs:read', 'jobs:write'),
    fields: (t) => ({
      job: t.field({ type: job, description: 'The job that was entered.', resolve: (entered) => entered }),
    }),
  })
  return builder.unionType(`${prefix}Submission`, {
    description: `What becomes of a request to run ${of}.`,
    types: [accepted, refusals.invalidInput, refusals.idempotencyConflict, refusals.quotaExceeded],
    resolveType: (value) => refusalTypeName(value) ?? `${prefix}Accepted`,
  })
}
