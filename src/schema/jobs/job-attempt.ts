import { attemptOutcomes, type JobAttempt } from '../../core/job.ts'
import type { NumberedAttempt } from '../../resolvers/jobs/job-history.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { JobErrorRef } from './job-error.ts'

const meanings: Readonly<Record<NonNullable<JobAttempt['outcome']>, string>> = {
  SUCCEEDED: 'It gave the result.',
  FAILED: 'It ended with an error or by time-out.',
  CANCELLED: 'It was stopped on request.',
  LOST: 'It went away with its thread or process.',
  HANDED_BACK: 'Its process shut down first, or had to let go of it, and gave the job to others.',
}

/** Adds the type `JobAttempt` and the enum `JobAttemptOutcome`. */
export function addJobAttempt(builder: Builder, error: JobErrorRef) {
  const outcome = builder.enumType('JobAttemptOutcome', {
    description: 'The ways in which one attempt at a job can end.',
    values: Object.fromEntries(attemptOutcomes.map((name) => [name, { description: meanings[name] }])),
  })
  return builder.objectRef<NumberedAttempt>('JobAttempt').implement({
    description: 'One run of a job.',
    directives: requiresOneOf('jobs:read'),
    fields: (t) => ({
      number: t.exposeInt('number', { description: 'Counted from 1.' }),
      node: t.exposeString('nodeId', { description: 'The process that ran it.' }),
      startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began.' }),
      finishedAt: t.expose('finishedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it ended; null while it runs.',
      }),
      outcome: t.expose('outcome', { type: outcome, nullable: true, description: 'How it ended; null while it runs.' }),
      error: t.expose('error', { type: error, nullable: true, description: 'Why it failed.' }),
      cpuMs: t.exposeFloat('cpuMs', {
        nullable: true,
        description: 'The CPU time of all its threads in ms; null where a thread was ended before it could tell.',
      }),
    }),
  })
}

export type JobAttemptRef = ReturnType<typeof addJobAttempt>
