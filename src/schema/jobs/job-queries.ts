import { findJob } from '../../resolvers/jobs/find-job.ts'
import { listJobs } from '../../resolvers/jobs/list-jobs.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { JobRefs } from './job.ts'
import type { JobConnectionRef } from './job-connection.ts'
import { addJobFilter } from './job-filter.ts'

/** Adds the queries `job`, `jobs` and `node`. */
export function addJobQueries(builder: Builder, refs: JobRefs, connection: JobConnectionRef): void {
  const { job, node, state } = refs
  const filter = addJobFilter(builder, state)
  builder.queryFields((t) => ({
    job: t.field({
      type: job,
      nullable: true,
      description: 'One of your jobs; null for an id that is unknown or not yours.',
      directives: requiresOneOf('jobs:read'),
      args: { id: t.arg.id({ required: true, description: 'The id of the job.' }) },
      resolve: findJob,
    }),
    jobs: t.field({
      type: connection,
      description: 'Your jobs, newest first, page by page.',
      directives: requiresOneOf('jobs:read'),
      args: {
        filter: t.arg({ type: filter, description: 'Only some of them.' }),
        first: t.arg.int({ defaultValue: 20, description: 'How many at most, from 1 to 100.' }),
        after: t.arg.string({ description: 'The cursor of the last job that you have: the page begins after it.' }),
      },
      resolve: listJobs,
    }),
    node: t.field({
      type: node,
      nullable: true,
      description: 'Anything of yours by its id; so far, these are jobs. Null for an id that is unknown or not yours.',
      directives: requiresOneOf('jobs:read'),
      args: { id: t.arg.id({ required: true, description: 'The id of the thing.' }) },
      resolve: findJob,
    }),
  }))
}
