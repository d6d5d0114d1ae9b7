import { isTaskName } from '../../core/task.ts'
import { z, type PlainTask, type ShardedTask, type TaskDefinition } from '../../task.ts'
import { durationMs } from './duration-ms.ts'

/** Node keeps timers in 32 bits: a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1
/** The longest pause between two attempts: 30 days. */
const maxPauseMs = 30 * 86_400_000

type Fits = (value: unknown) => boolean

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
  timeoutMs: { fits: optional(isWhole(1, maxTimerMs)), rule: 'must be a whole number of milliseconds, at least 1' },
  graceMs: { fits: optional(isWhole(0, maxTimerMs)), rule: 'must be a whole number of milliseconds, at least 0' },
  retries: {
    fits: optional(isRetries),
    rule: 'must be { attempts, baseMs?, capMs? }: 1 to 20 attempts, and whole milliseconds up to 30 days with `baseMs` not over `capMs`',
  },
  memoizeFor: {
    fits: optional((value) => durationMs(value) !== null),
    rule: "must be a length of time from '1s' to '3653d', in s, m, h or d, such as '12h'",
  },
  memory: {
    fits: optional(hasOnly({ heapMb: isWhole(16, 65_536) })),
    rule: 'must be { heapMb }, a whole number of MiB from 16 to 65,536',
  },
  concurrency: { fits: optional(isWhole(1, 1_000_000)), rule: 'must be a whole number of jobs, at least 1' },
  run: { fits: optional(isFunction), rule: 'must be a function of the input and the context' },
  shards: {
    fits: optional(hasOnly({ plan: isFunction, run: isFunction, reduce: isFunction })),
    rule: 'must be { plan, run, reduce }, three functions',
  },
} as const satisfies Record<keyof PlainTask | keyof ShardedTask, { fits: Fits; rule: string }>

/** What keeps a value from being a task definition. */
export interface ShapeMistake {
  readonly sentence: string
  /** The key that is wrong; `null` where one is missing. */
  readonly key: string | null
}

/** The exported value as a task definition, or everything that keeps it from being one. */
export function readDefinition(
  exported: unknown,
): { readonly task: TaskDefinition } | { readonly mistakes: readonly ShapeMistake[] } {
  if (!isRecord(exported) || !Object.keys(keys).some((key) => key in exported)) {
    return {
      mistakes: [
        {
          key: null,
          sentence:
            'It exports no task: end it with `export default defineTask({ … })` (CommonJS: `module.exports = defineTask({ … })`); or, if it only helps task files, move it into a subfolder.',
        },
      ],
    }
  }
  const wrong = Object.entries(keys)
    .filter(([key, { fits }]) => !fits(exported[key]))
    .map(([key, { rule }]) =>
      exported[key] === undefined
        ? { key: null, sentence: `Its \`${key}\` is missing and ${rule}.` }
        : { key, sentence: `Its \`${key}\` ${rule}.` },
    )
  const unknown = Object.keys(exported)
    .filter((key) => !(key in keys))
    .map((key) => ({ key, sentence: `Its key \`${key}\` is not known: a task has ${Object.keys(keys).join(', ')}.` }))
  const mistakes = [...wrong, ...conflicts(exported), ...unknown]
  // Every key was checked just now.
  return mistakes.length === 0 ? { task: exported as unknown as TaskDefinition } : { mistakes }
}

/** What is wrong with keys that go well by themselves. */
function conflicts({ run, shards, memoizeFor, version }: Readonly<Record<string, unknown>>): readonly ShapeMistake[] {
  return [
    run === undefined && shards === undefined
      ? {
          key: null,
          sentence:
            'It has nothing to run: give it `run`, a function of the input and the context, or, to use several threads, `shards`.',
        }
      : null,
    run !== undefined && shards !== undefined
      ? {
          key: 'shards',
          sentence: 'It has both `run` and `shards`: one thread runs the one, several the other; take one of them out.',
        }
      : null,
    memoizeFor !== undefined && version === undefined
      ? {
          key: 'memoizeFor',
          sentence:
            'Its `memoizeFor` needs a `version`, which is to change whenever the same input may give another output.',
        }
      : null,
  ].filter((mistake) => mistake !== null)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isText(maxLength: number): Fits {
  return (value) => typeof value === 'string' && value.trim() !== '' && value.length <= maxLength
}

function isWhole(min: number, max: number): Fits {
  return (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max
}

/** An object with these keys and no others. */
function hasOnly(rules: Readonly<Record<string, Fits>>): Fits {
  return (value) =>
    isRecord(value) &&
    Object.keys(value).every((key) => key in rules) &&
    Object.entries(rules).every(([key, fits]) => fits(value[key]))
}

function isRetries(value: unknown): boolean {
  const pause = optional(isWhole(0, maxPauseMs))
  if (!isRecord(value) || !hasOnly({ attempts: isWhole(1, 20), baseMs: pause, capMs: pause })(value)) return false
  return Number(value.baseMs ?? 0) <= Number(value.capMs ?? Infinity)
}

function isZodObject(value: unknown): boolean {
  // By its traits, so that another copy of zod 4 is as good as ours.
  return value instanceof z.ZodObject
}

function optional(fits: Fits): Fits {
  return (value) => value === undefined || fits(value)
}
