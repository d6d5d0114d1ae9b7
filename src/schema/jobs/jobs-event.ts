import type { JobsEvent } from '../../core/job.ts'
import { watchJobs } from '../../resolvers/jobs/watch-jobs.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { JobConnectionRef } from './job-connection.ts'

type JobsSnapshot = Extract<JobsEvent, { readonly type: 'JobsSnapshot' }>

/** Adds the interface `JobsEvent`, the type `JobsSnapshot` and the subscription `jobs`. */
export function addJobsEvents(builder: Builder, connection: JobConnectionRef) {
  const directives = requiresOneOf('jobs:read')
  const jobsEvent = builder.interfaceRef<JobsEvent>('JobsEvent').implement({
    description: 'Something that happened to any of your jobs: JobStateChanged, or first of all JobsSnapshot.',
    directives,
    resolveType: ({ type }) => type,
    fields: (t) => ({
      at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    }),
  })
  builder.objectRef<JobsSnapshot>('JobsSnapshot').implement({
    description: 'Your jobs that have not ended, as they are when the stream opens.',
    interfaces: [jobsEvent],
    directives,
    fields: (t) => ({
      jobs: t.expose('jobs', {
        type: connection,
        description:
          'The newest 100 of them, newest first. Where pageInfo.hasNextPage is true, the query jobs has the rest: jobs(filter: { states: [SCHEDULED, QUEUED, RUNNING] }, first: 100, after: the endCursor).',
      }),
    }),
  })
  builder.subscriptionField('jobs', (t) =>
    t.field({
      type: jobsEvent,
      description:
        'What becomes of all your jobs: first those that have not ended, then an event whenever one is entered, starts, waits for another attempt, is asked to stop or ends. Progress, logs and partial results are told by the subscription job alone. It never ends by itself.',
      directives,
      subscribe: watchJobs,
      resolve: (event) => event,
    }),
  )
  return jobsEvent
}

export type JobsEventRef = ReturnType<typeof addJobsEvents>
