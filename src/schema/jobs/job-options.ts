import type { Builder } from '../builder.ts'

/** Adds the input `JobOptions`. */
export function addJobOptions(builder: Builder) {
  return builder.inputType('JobOptions', {
    description: 'How a job is to be entered.',
    fields: (t) => ({
      idempotencyKey: t.string({
        description:
          'At most 200 characters. The same key with the same input gives the same job, however often it is sent.',
      }),
      priority: t.int({ description: 'From -100 to 100, 0 when it is not given; higher runs first.' }),
      waitMs: t.int({
        description: 'Holds the answer until the job has ended or so many milliseconds (at most 30,000) are over.',
      }),
    }),
  })
}

export type JobOptionsRef = ReturnType<typeof addJobOptions>
