import type { Job, JobState } from '../../../src/core/job.ts'
import type { SubmitOptions } from '../../../src/services/jobs/submit-options.ts'
import type { Script } from '../../support/fake-pool.ts'
import type { TestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'

/** A task that only ends when it is stopped. */
export const never: Script = () => new Promise(() => undefined)

/** Somebody new submits a job of the task `double`. */
export function submit(mill: TestMill, input: unknown = {}, options: SubmitOptions = {}): Promise<Job> {
  return mill.jobs.submit(somebody(), 'double', input, options)
}

/** A condition: the job is in that state. */
export function isIn(mill: TestMill, id: string, state: JobState): () => Promise<boolean> {
  return async () => (await mill.job(id)).state === state
}
