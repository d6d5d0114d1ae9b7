import { isTaskName } from '../../core/task.ts'
import { z, type TaskDefinition } from '../../task.ts'

/** Node keeps timers in 32 bits: a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1

/** What each key of a definition must be: a test, and the sentence for who got it wrong. */
const keys = {
  name: {
    fits: (value) => typeof value === 'string' && isTaskName(value),
    rule: 'must be camelCase: a small letter, then at most 63 letters and digits',
  },
  description: {
    fits: isText(1_000),
    rule: 'must say in a sentence or two what the task does (at most 1,000 characters)',
  },
  version: { fits: optional(isText(100)), rule: "must be a text such as '1' of at most 100 characters" },
  input: { fits: isZodObject, rule: 'must be a `z.object({ … })` with the `z` of `millrace/task`' },
  output: { fits: isZodObject, rule: 'must be a `z.object({ … })` with the `z` of `millrace/task`' },
  partial: { fits: optional(isZodObject), rule: 'must be a `z.object({ … })` with the `z` of `millrace/task`' },
  timeoutMs: { fits: optional(isMilliseconds(1)), rule: 'must be a whole number of milliseconds, at least 1' },
  graceMs: { fits: optional(isMilliseconds(0)), rule: 'must be a whole number of milliseconds, at least 0' },
  run: { fits: (value) => typeof value === 'function', rule: 'must be a function of the input and the context' },
} as const satisfies Record<keyof TaskDefinition, { fits: (value: unknown) => boolean; rule: string }>

/** The exported value as a task definition, or, as a list of sentences, everything that keeps it from being one. */
export function readDefinition(
  exported: unknown,
): { readonly task: TaskDefinition } | { readonly mistakes: readonly string[] } {
  if (!isRecord(exported) || !Object.keys(keys).some((key) => key in exported)) {
    return {
      mistakes: [
        'It exports no task: end it with `export default defineTask({ … })` (CommonJS: `module.exports = defineTask({ … })`); or, if it only helps task files, move it into a subfolder.',
      ],
    }
  }
  const wrong = Object.entries(keys)
    .filter(([key, { fits }]) => !fits(exported[key]))
    .map(([key, { rule }]) => `Its \`${key}\` ${exported[key] === undefined ? 'is missing and ' : ''}${rule}.`)
  const unknown = Object.keys(exported)
    .filter((key) => !(key in keys))
    .map((key) => `Its key \`${key}\` is not known: a task has ${Object.keys(keys).join(', ')}.`)
  const mistakes = [...wrong, ...unknown]
  // Every key was checked just now.
  return mistakes.length === 0 ? { task: exported as unknown as TaskDefinition } : { mistakes }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isText(maxLength: number): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && value.trim() !== '' && value.length <= maxLength
}

function isMilliseconds(min: number): (value: unknown) => boolean {
  return (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= maxTimerMs
}

function isZodObject(value: unknown): boolean {
  // By its traits, so that another copy of zod 4 is as good as ours.
  return value instanceof z.ZodObject
}

function optional(fits: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || fits(value)
}
