import type { OutputRef } from '@pothos/core'
import type { Job } from '../../core/job.ts'
import type { TaskDescription } from '../../ports/compute-pool.ts'
import { submitJob } from '../../resolvers/jobs/submit-job.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { Refusals } from '../refusals.ts'
import type { JobOptionsRef } from './job-options.ts'
import { addJobSubmission } from './job-submission.ts'
import { isEmptyObject } from './json-schema-form.ts'
import { addInputTypes, type ChosenRef } from './json-schema-input.ts'
import { toInputPath, toTaskInput } from './task-input.ts'
import type { TypePlan } from './type-plan.ts'
import { pascalCase } from './type-names.ts'

interface TaskMutation {
  readonly task: TaskDescription
  readonly job: OutputRef<Job>
  readonly input: TypePlan
  readonly chosen: ChosenRef
  readonly options: JobOptionsRef
  readonly refusals: Refusals
}

/** Adds the mutation that enters a job for a task. */
export function addTaskMutation(builder: Builder, mutation: TaskMutation): void {
  const { task, job, input, options, refusals } = mutation
  const type = addInputTypes(builder, input, mutation.chosen)
  const submission = addJobSubmission(builder, refusals, { prefix: pascalCase(task.name), job, of: `\`${task.name}\`` })
  // A task that takes nothing need not be given an empty object.
  const required = !isEmptyObject(task.inputSchema)
  builder.mutationField(task.name, (t) =>
    t.field({
      type: submission,
      description: task.description.trim() === '' ? `Runs \`${task.name}\`.` : task.description,
      directives: requiresOneOf('jobs:write'),
      args: {
        input: t.arg({ type, required, description: 'What to run it on.' }),
        options: t.arg({ type: options, description: 'How the job is to be entered.' }),
      },
      resolve: (root, args, context) => {
        const given: unknown = args.input ?? {}
        return submitJob(
          root,
          {
            task: task.name,
            // A `null` for a field that is not given is the catalogue's to take out: it knows the task's schema.
            input: toTaskInput(given, input.root.type),
            options: args.options,
            inputPath: (path) => toInputPath(path, given, input.root.type),
          },
          context,
        )
      },
    }),
  )
}
