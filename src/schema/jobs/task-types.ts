import { ListRef } from '@pothos/core'
import type { Job } from '../../core/job.ts'
import type { TaskDescription } from '../../ports/compute-pool.ts'
import { jobPartials } from '../../resolvers/jobs/job-partials.ts'
import { jobResult } from '../../resolvers/jobs/job-result.ts'
import { createReadBudget } from '../../services/jobs/read-budget.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder, BuilderTypes } from '../builder.ts'
import type { Refusals } from '../refusals.ts'
import type { JobRefs } from './job.ts'
import type { JobEventOf, JobEventRefs } from './job-event.ts'
import type { ArtifactRef } from './artifact.ts'
import type { JobOptionsRef } from './job-options.ts'
import type { ChosenRef } from './json-schema-input.ts'
import { addOutputTypes, type OutputField } from './json-schema-output.ts'
import { planTypes, type TaskValue } from './json-schema-plan.ts'
import { addTaskMutation } from './task-mutation.ts'
import { pascalCase, type TypeNames } from './type-names.ts'

/** What the types of every task are made with. */
export interface TaskTypesOptions {
  readonly job: JobRefs
  readonly event: JobEventRefs
  readonly options: JobOptionsRef
  readonly artifact: ArtifactRef
  readonly chosen: ChosenRef
  readonly refusals: Refusals
  readonly names: TypeNames
  readonly warn: (sentence: string) => void
}

export const jobTypeName = (task: string) => `${pascalCase(task)}Job`
export const partialTypeName = (task: string) => `${pascalCase(task)}Partial`

/** Adds a task's mutation and types. Throws a `TaskFileError` when one of its names cannot be had. */
export function addTaskTypes(builder: Builder, task: TaskDescription, options: TaskTypesOptions): void {
  const { names, warn, refusals, artifact, chosen } = options
  names.assertMutationFree(task)
  const claim = (name: string) => names.claimType(name, task, `the job of \`${task.name}\``)
  for (const ending of ['Job', 'Accepted', 'Submission', ...(task.partialSchema === null ? [] : ['Partial'])]) {
    claim(pascalCase(task.name) + ending)
  }
  const plan = (value: Omit<TaskValue, 'task'>) => planTypes({ task, ...value }, names, warn)
  const prefix = pascalCase(task.name)
  const input = plan({ use: 'input', schema: task.inputSchema, prefix, suffix: 'Input' })
  const result = plan({ use: 'result', schema: task.outputSchema, prefix: `${prefix}Result`, suffix: '' })
  const job = addTypedJob(builder, task, options.job, addOutputTypes(builder, result, artifact))
  addTaskMutation(builder, { task, job, input, chosen, options: options.options, refusals })
  if (task.partialSchema === null) return
  const planned = plan({
    use: 'partial result',
    schema: task.partialSchema,
    prefix: `${prefix}PartialValue`,
    suffix: '',
  })
  const part = addOutputTypes(builder, planned, artifact)
  addPartials(builder, job, part)
  addTypedPartial(builder, task, options.event, part)
}

type TypedJobRef = ReturnType<typeof addTypedJob>

function addTypedJob(builder: Builder, { name }: TaskDescription, { job, node }: JobRefs, result: OutputField) {
  return builder.objectRef<Job>(jobTypeName(name)).implement({
    description: `A job that runs \`${name}\`.`,
    interfaces: [job, node],
    directives: requiresOneOf('jobs:read', 'jobs:write'),
    fields: (t) => ({
      result: t.field({
        type: result.type,
        nullable: true,
        description: 'The result; null before success.',
        directives: requiresOneOf('jobs:read'),
        resolve: async (found, _arguments, context) => result.outward(await jobResult(found, context), context),
      }),
    }),
  })
}

function addPartials(builder: Builder, job: TypedJobRef, { type, nullable, outward }: OutputField): void {
  builder.objectField(job, 'partials', (t) =>
    t.field({
      type: new ListRef<BuilderTypes, unknown[]>(type, nullable),
      description:
        'The newest partial results, of all attempts, the oldest of them first: as many as were asked for, unless they have more than 1 MiB together. As of now, also in an event of the past.',
      directives: requiresOneOf('jobs:read'),
      args: { last: t.arg.int({ defaultValue: 20, description: 'How many at most, from 1 to 100.' }) },
      resolve: async (found, { last }, context) =>
        (await jobPartials(found, last ?? 20, context)).map((part) => outward(part, context)),
    }),
  )
}

function addTypedPartial(
  builder: Builder,
  { name }: TaskDescription,
  { jobEvent, jobPartial }: JobEventRefs,
  { type, nullable, outward }: OutputField,
): void {
  builder.objectRef<JobEventOf<'JobPartial'>>(partialTypeName(name)).implement({
    description: `A part of the result of \`${name}\`, while the rest is still being computed.`,
    interfaces: [jobPartial, jobEvent],
    directives: requiresOneOf('jobs:read'),
    fields: (t) => ({
      value: t.field({
        type,
        nullable,
        description: 'The part.',
        // A stream goes on for longer than a budget that all of its events share.
        resolve: ({ data }, _arguments, context) => outward(data, { ...context, readBudget: createReadBudget() }),
      }),
    }),
  })
}
