import type { Progress } from '../../core/job.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

/** Adds the type `JobProgress`. */
export function addJobProgress(builder: Builder) {
  return builder.objectRef<Progress>('JobProgress').implement({
    description: 'How far a job is, as its task tells it.',
    directives: requiresOneOf('jobs:read', 'jobs:write'),
    fields: (t) => ({
      fraction: t.exposeFloat('fraction', { description: 'From 0 to 1.' }),
      message: t.exposeString('message', { nullable: true, description: 'What the task is doing.' }),
    }),
  })
}

export type JobProgressRef = ReturnType<typeof addJobProgress>
