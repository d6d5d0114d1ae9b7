import { findJob } from '../../resolvers/jobs/find-job.ts'
import { listJobs } from '../../resolvers/jobs/list-jobs.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { JobRefs } from './job.ts'

/** Adds the queries `job`, `jobs` and `node`. */
export function addJobQueries(builder: Builder, { job, node }: JobRefs): void {
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
      type: [job],
      description: 'Your jobs, newest first.',
      directives: requiresOneOf('jobs:read'),
      args: {
        first: t.arg.int({ defaultValue: 20, description: 'How many at most, from 1 to 100.' }),
        before: t.arg.id({ description: 'Only jobs that are older than the one with this id.' }),
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
