import { cancelJob } from '../../resolvers/jobs/cancel-job.ts'
import { retryJob } from '../../resolvers/jobs/retry-job.ts'
import { submitJob } from '../../resolvers/jobs/submit-job.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { Refusals } from '../refusals.ts'
import type { JobRefs } from './job.ts'
import type { JobOptionsRef } from './job-options.ts'
import { addJobSubmission } from './job-submission.ts'

/** Adds the mutations `submitJob`, `retryJob` and `cancelJob`. */
export function addJobMutations(builder: Builder, refusals: Refusals, { job }: JobRefs, options: JobOptionsRef): void {
  const submission = addJobSubmission(builder, refusals, { prefix: 'Job', job, of: 'any task' })
  builder.mutationFields((t) => ({
    submitJob: t.field({
      type: submission,
      description:
        'Enters a job for any task, by the name of the task. Each task has a typed mutation of its own as well.',
      directives: requiresOneOf('jobs:write'),
      args: {
        task: t.arg.string({ required: true, description: 'The name of the task.' }),
        input: t.arg({
          type: 'JSON',
          required: true,
          description: 'The input, in the form of the `inputSchema` of the task.',
        }),
        options: t.arg({ type: options, description: 'How the job is to be entered.' }),
      },
      resolve: submitJob,
    }),
    retryJob: t.field({
      type: submission,
      description:
        'Enters a new job with the task and the input of one of yours that has ended, and with its priority and tags unless others are given. It is run even where a result is remembered.',
      directives: requiresOneOf('jobs:write'),
      args: {
        id: t.arg.id({ required: true, description: 'The id of the job that is to be done again.' }),
        options: t.arg({ type: options, description: 'How the new job is to be entered.' }),
      },
      resolve: retryJob,
    }),
    cancelJob: t.field({
      type: job,
      description: 'Asks one of your jobs to stop. A job that has ended is answered as it is.',
      directives: requiresOneOf('jobs:write'),
      args: { id: t.arg.id({ required: true, description: 'The id of the job.' }) },
      resolve: cancelJob,
    }),
  }))
}
