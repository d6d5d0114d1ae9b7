import { InvalidInputError } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import type { RequestContext } from '../context.ts'
import type { Refused } from '../refused.ts'
import { type JobOptionsInput, readJobOptions } from './read-job-options.ts'
import { submissionOutcome } from './submission-outcome.ts'

interface Arguments {
  readonly task: string
  readonly input?: unknown
  readonly options?: JobOptionsInput | null | undefined
  /** Where the caller has what the task's schema has at a path, if they gave the input in another form. */
  readonly inputPath?: (path: readonly string[]) => readonly string[]
}

export function submitJob(_root: unknown, args: Arguments, context: RequestContext): Promise<Job | Refused> {
  const { task, input, options, inputPath = (path) => path } = args
  const { services, principal } = context
  const asked = readJobOptions(options)
  return submissionOutcome(context, asked, async () => {
    try {
      return await services.jobs.submit(principal, task, input, asked)
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
      throw new InvalidInputError(error.issues.map(({ path, message }) => ({ path: inputPath(path), message })))
    }
  })
}
