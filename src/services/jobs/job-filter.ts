import { type InputIssue, InvalidInputError } from '../../core/errors.ts'
import { jobStates } from '../../core/job.ts'
import { isTaskName } from '../../core/task.ts'
import type { JobFilter } from '../../ports/ledger.ts'
import { isTag } from './submit-options.ts'

/** Throws an `InvalidInputError` for a filter that no job could pass. */
export function assertFilter({ states, task, tag }: JobFilter): void {
  const issues: InputIssue[] = []
  const wrong = (field: keyof JobFilter, message: string) => issues.push({ path: ['filter', field], message })
  if (states?.length === 0) wrong('states', 'Must name a state, or be left out.')
  if (states?.some((state) => !jobStates.includes(state)) === true) {
    wrong('states', `Each must be one of ${jobStates.join(', ')}.`)
  }
  if (task !== undefined && !isTaskName(task)) wrong('task', 'Is not a name that a task can have.')
  if (tag !== undefined && !isTag(tag)) wrong('tag', 'Is not a tag that a job can have.')
  if (issues.length > 0) throw new InvalidInputError(issues)
}
