import type { JobEvent } from '../../core/job.ts'
import { watchJob } from '../../resolvers/jobs/watch-job.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { JobRefs } from './job.ts'
import type { JobsEventRef } from './jobs-event.ts'
import type { JobProgressRef } from './job-progress.ts'
import type { LogLevelRef } from './log-level.ts'

export type JobEventOf<Type extends JobEvent['type']> = Extract<JobEvent, { readonly type: Type }>

/** Adds the interfaces `JobEvent` and `JobPartial`; `partialTypeName` says of which type a partial result is. */
export function addJobEvent(
  builder: Builder,
  { job }: JobRefs,
  partialTypeName: (event: JobEventOf<'JobPartial'>) => string,
) {
  const jobEvent = builder.interfaceRef<JobEvent>('JobEvent').implement({
    description: 'Something that happened to a job.',
    directives: requiresOneOf('jobs:read'),
    resolveType: (event) => (event.type === 'JobPartial' ? partialTypeName(event) : event.type),
    fields: (t) => ({
      job: t.expose('job', { type: job, description: 'The job as of then.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    }),
  })
  const jobPartial = builder.interfaceRef<JobEventOf<'JobPartial'>>('JobPartial').implement({
    description:
      'A part of the result, while the rest is still being computed. Each task that has them has a type of its own.',
    interfaces: [jobEvent],
    directives: requiresOneOf('jobs:read'),
    resolveType: partialTypeName,
    fields: (t) => ({
      data: t.field({ type: 'JSON', description: 'The part as JSON.', resolve: ({ data }) => data }),
    }),
  })
  return { jobEvent, jobPartial }
}

export type JobEventRefs = ReturnType<typeof addJobEvent>

/** Adds the kinds of event that every task's jobs have, and the subscription `job`. */
export function addJobEvents(
  builder: Builder,
  { jobEvent, jobsEvent }: JobEventRefs & { readonly jobsEvent: JobsEventRef },
  { progress, logLevel }: { readonly progress: JobProgressRef; readonly logLevel: LogLevelRef },
): void {
  const event = { interfaces: [jobEvent], directives: requiresOneOf('jobs:read') }
  builder.objectRef<JobEventOf<'JobSnapshot'>>('JobSnapshot').implement({
    ...event,
    description: 'The job as it is when the stream opens.',
  })
  builder.objectRef<JobEventOf<'JobStateChanged'>>('JobStateChanged').implement({
    ...event,
    interfaces: [jobEvent, jobsEvent],
    description: 'The job went on to another state, or was asked to stop.',
  })
  builder.objectRef<JobEventOf<'JobProgressed'>>('JobProgressed').implement({
    ...event,
    description: 'The task told how far it is.',
    fields: (t) => ({ progress: t.expose('progress', { type: progress, description: 'How far it is.' }) }),
  })
  builder.objectRef<JobEventOf<'JobLogged'>>('JobLogged').implement({
    ...event,
    description: 'The task wrote a line to the log of the job.',
    fields: (t) => ({
      level: t.expose('level', { type: logLevel, description: 'How grave it is.' }),
      text: t.exposeString('text', { description: 'The line.' }),
    }),
  })
  builder.subscriptionField('job', (t) =>
    t.field({
      type: jobEvent,
      description: 'What happens to one of your jobs: first the job as it is, then every event until its end.',
      directives: requiresOneOf('jobs:read'),
      args: { id: t.arg.id({ required: true, description: 'The id of the job.' }) },
      subscribe: watchJob,
      resolve: (event) => event,
    }),
  )
}
