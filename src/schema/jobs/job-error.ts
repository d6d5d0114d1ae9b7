import { type JobError, type JobErrorCode, jobErrorCodes } from '../../core/job.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

const meanings: Readonly<Record<JobErrorCode, string>> = {
  TASK_ERROR: 'The task threw an error.',
  INVALID_OUTPUT: 'The task answered something that does not have the form it promises.',
  TIMEOUT: 'The task took longer than it may.',
  CRASHED: 'The thread or the process that ran the task was lost, again and again.',
  OUT_OF_MEMORY: 'The task used more memory than it may.',
  UNKNOWN_TASK: 'The task is not loaded any more.',
}

/** Adds the type `JobError` and the enum `JobErrorCode`. */
export function addJobError(builder: Builder) {
  const code = builder.enumType('JobErrorCode', {
    description: 'The ways in which a job can fail.',
    values: Object.fromEntries(jobErrorCodes.map((name) => [name, { description: meanings[name] }])),
  })
  return builder.objectRef<JobError>('JobError').implement({
    description: 'Why a job failed.',
    directives: requiresOneOf('jobs:read', 'jobs:write'),
    fields: (t) => ({
      code: t.expose('code', { type: code, description: 'The way in which it failed.' }),
      message: t.exposeString('message', { description: 'What the task or the server said about it.' }),
    }),
  })
}

export type JobErrorRef = ReturnType<typeof addJobError>
