import type { Job } from '../../core/job.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { JobRefs } from './job.ts'
import type { JobEventOf, JobEventRefs } from './job-event.ts'

/** Adds the types of jobs whose task is no longer loaded, and of partial results that no loaded task describes. */
export function addUntypedJob(builder: Builder, { job, node }: JobRefs, { jobEvent, jobPartial }: JobEventRefs): void {
  builder.objectRef<Job>('UntypedJob').implement({
    description: 'A job of a task that is no longer loaded: what it has computed is there as `output`.',
    interfaces: [job, node],
    directives: requiresOneOf('jobs:read', 'jobs:write'),
  })
  builder.objectRef<JobEventOf<'JobPartial'>>('UntypedJobPartial').implement({
    description: 'A partial result of a task that is no longer loaded, or no longer has partial results.',
    interfaces: [jobPartial, jobEvent],
    directives: requiresOneOf('jobs:read'),
  })
}
