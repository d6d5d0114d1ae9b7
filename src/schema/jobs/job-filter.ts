import type { Builder } from '../builder.ts'
import type { JobStateRef } from './job-state.ts'

/** Adds the input `JobFilter`. */
export function addJobFilter(builder: Builder, state: JobStateRef) {
  return builder.inputType('JobFilter', {
    description: 'Which jobs are asked for: those that meet everything given. What is left out narrows nothing.',
    fields: (t) => ({
      states: t.field({ type: [state], description: 'In one of these states.' }),
      task: t.string({ description: 'Of the task with that name, loaded or not.' }),
      tag: t.string({ description: 'Marked with that tag, among others.' }),
    }),
  })
}
