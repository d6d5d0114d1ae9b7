import type { MemoMode } from '../../services/jobs/submit-options.ts'
import type { Builder } from '../builder.ts'

const memoModes = {
  USE: { description: 'Give the remembered result if there is one, and remember the one that is computed.' },
  REFRESH: { description: 'Compute it anew, and remember that in place of an earlier one.' },
  BYPASS: { description: 'Compute it anew, and remember nothing.' },
} as const satisfies Record<MemoMode, object>

/** Adds the input `JobOptions` and the enum `MemoMode`. */
export function addJobOptions(builder: Builder) {
  const memoMode = builder.enumType('MemoMode', {
    description: 'What the remembered result of the same task on the same input is to a job.',
    values: memoModes,
  })
  return builder.inputType('JobOptions', {
    description: 'How a job is to be entered.',
    fields: (t) => ({
      idempotencyKey: t.string({
        description:
          'At most 200 characters, none of them a control character. The same key with the same input gives the same job, however often it is sent.',
      }),
      priority: t.int({ description: 'From -100 to 100, 0 when it is not given; higher runs first.' }),
      delayMs: t.float({
        description: 'Not to be begun for so many milliseconds, at most those of a year. Not together with `runAt`.',
      }),
      runAt: t.field({
        type: 'DateTime',
        description: 'Not to be begun before then, at most a year from now. A time that is past is now.',
      }),
      expiresAt: t.field({
        type: 'DateTime',
        description:
          'Given up (EXPIRED) if it is not running by then, not begun or between two attempts: a time after now and after `runAt`.',
      }),
      memo: t.field({
        type: memoMode,
        description: 'USE when it is not given; means something only for tasks with `memoizeForMs`.',
      }),
      tags: t.stringList({
        description: 'Words to find the job by, in `jobs(filter:)`: at most 10, each of 1 to 50 characters.',
      }),
      waitMs: t.int({
        description: 'Holds the answer until the job has ended or so many milliseconds (at most 30,000) are over.',
      }),
    }),
  })
}

export type JobOptionsRef = ReturnType<typeof addJobOptions>
