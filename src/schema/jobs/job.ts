import type { Job } from '../../core/job.ts'
import { jobOutput } from '../../resolvers/jobs/job-output.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { addNode } from '../node.ts'
import { addJobError } from './job-error.ts'
import type { JobProgressRef } from './job-progress.ts'
import { addJobState } from './job-state.ts'

/** Adds the interfaces `Node` and `Job`; `typeName` says of which type a job is. */
export function addJob(builder: Builder, progress: JobProgressRef, typeName: (job: Job) => string) {
  const state = addJobState(builder)
  const error = addJobError(builder)
  const node = addNode(builder, typeName)
  const job = builder.interfaceRef<Job>('Job').implement({
    description: 'One request to run a task.',
    interfaces: [node],
    directives: requiresOneOf('jobs:read', 'jobs:write'),
    resolveType: typeName,
    fields: (t) => ({
      task: t.exposeString('task', { description: 'The name of the task.' }),
      taskVersion: t.exposeString('taskVersion', {
        description: 'The version that the task had when the job was entered.',
      }),
      state: t.expose('state', { type: state, description: 'What has become of the job.' }),
      priority: t.exposeInt('priority', { description: 'From -100 to 100; higher runs first.' }),
      attempts: t.exposeInt('attempts', {
        description: 'How many attempts have failed by an error of the task or by time-out.',
      }),
      losses: t.exposeInt('losses', { description: 'How many attempts were lost with their thread or process.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the job was entered.' }),
      startedAt: t.expose('startedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When the latest attempt began.',
      }),
      finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true, description: 'When the job ended.' }),
      cancelRequestedAt: t.expose('cancelRequestedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When the job was asked to stop while it ran.',
      }),
      progress: t.expose('progress', {
        type: progress,
        nullable: true,
        description: 'The latest progress that the task told.',
      }),
      error: t.expose('error', {
        type: error,
        nullable: true,
        description: 'Why the job, or its latest attempt, failed.',
      }),
      output: t.field({
        type: 'JSON',
        nullable: true,
        description: 'The result as JSON, whatever the task; null before success.',
        directives: requiresOneOf('jobs:read'),
        resolve: jobOutput,
      }),
    }),
  })
  return { job, node }
}

export type JobRefs = ReturnType<typeof addJob>
