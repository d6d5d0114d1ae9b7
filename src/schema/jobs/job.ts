import type { InterfaceFieldsShape } from '@pothos/core'
import type { Job } from '../../core/job.ts'
import { jobHistory } from '../../resolvers/jobs/job-history.ts'
import { jobOutput } from '../../resolvers/jobs/job-output.ts'
import { writtenArtifacts } from '../../resolvers/jobs/written-artifacts.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder, BuilderTypes } from '../builder.ts'
import { addNode } from '../node.ts'
import type { ArtifactRef } from './artifact.ts'
import { addJobAttempt, type JobAttemptRef } from './job-attempt.ts'
import { addJobError } from './job-error.ts'
import type { JobProgressRef } from './job-progress.ts'
import { addJobState } from './job-state.ts'

interface JobParts {
  readonly progress: JobProgressRef
  readonly artifact: ArtifactRef
}

/** Adds the interfaces `Node` and `Job`; `typeName` says of which type a job is. */
export function addJob(builder: Builder, { progress, artifact }: JobParts, typeName: (job: Job) => string) {
  const state = addJobState(builder)
  const error = addJobError(builder)
  const attempt = addJobAttempt(builder, error)
  const node = addNode(builder, typeName)
  const job = builder.interfaceRef<Job>('Job').implement({
    description: 'One request to run a task.',
    interfaces: [node],
    directives: requiresOneOf('jobs:read', 'jobs:write'),
    resolveType: typeName,
    fields: (t) => ({
      task: t.exposeString('task', { description: 'The name of the task.' }),
      taskVersion: t.exposeString('taskVersion', {
        description:
          'The version of the task that the job was entered for or, once an attempt has begun under another one, that one.',
      }),
      state: t.expose('state', { type: state, description: 'What has become of the job.' }),
      priority: t.exposeInt('priority', { description: 'From -100 to 100; higher runs first.' }),
      tags: t.stringList({ description: 'What you marked the job with.', resolve: ({ tags }) => [...tags] }),
      retryOf: t.exposeID('retryOf', { nullable: true, description: 'The id of the job that this one does again.' }),
      memoizedFrom: t.exposeID('memoizedFrom', {
        nullable: true,
        description: 'The id of the job whose remembered result this one was given, without being run.',
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
      artifacts: t.field({
        type: [artifact],
        description:
          'The files that the job made, in the order in which it made them. As of now, also in an event of the past.',
        directives: requiresOneOf('artifacts:read'),
        resolve: writtenArtifacts,
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
  builder.interfaceFields(job, timeFields)
  builder.interfaceFields(job, attemptFields(attempt))
  return { job, node, state }
}

export type JobRefs = ReturnType<typeof addJob>

type JobFields = InterfaceFieldsShape<BuilderTypes, Job>

const timeFields: JobFields = (t) => ({
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the job was entered.' }),
  runAt: t.expose('runAt', {
    type: 'DateTime',
    description:
      'The job is not begun before then: what was asked for, or the end of the pause after a failed attempt.',
  }),
  expiresAt: t.expose('expiresAt', {
    type: 'DateTime',
    nullable: true,
    description: 'A job that has not begun by then is EXPIRED; null where it waits for as long as it takes.',
  }),
  startedAt: t.expose('startedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the latest attempt began.',
  }),
  finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true, description: 'When the job ended.' }),
  cancelRequestedAt: t.expose('cancelRequestedAt', {
    type: 'DateTime',
    nullable: true,
    description:
      'When the job was asked to stop, whether it ran or still waited; null where nobody asked before it ended.',
  }),
})

function attemptFields(attempt: JobAttemptRef): JobFields {
  return (t) => ({
    attempts: t.exposeInt('attempts', {
      description: 'How many attempts have failed by an error of the task or by time-out.',
    }),
    losses: t.exposeInt('losses', { description: 'How many attempts were lost with their thread or process.' }),
    history: t.field({
      type: [attempt],
      description: 'Every attempt there has been, first to last. As of now, also in an event of the past.',
      directives: requiresOneOf('jobs:read'),
      resolve: jobHistory,
    }),
  })
}
