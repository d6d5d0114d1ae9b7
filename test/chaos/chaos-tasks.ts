import { fileURLToPath } from 'node:url'
import type { JobErrorCode } from '../../src/core/job.ts'
import type { Random } from './random.ts'

/** Where the task files of the chaos run lie. */
export const chaosTaskFolder: string = fileURLToPath(new URL('fixtures/tasks/', import.meta.url))

/** What a task of the chaos run may come to, told by who wrote it, not by the server. */
export interface ChaosTask {
  /** How often it may fail. */
  readonly attempts: number
  /** The errors with which the input may end the job, besides the loss of its process or thread; `null` among them: none. */
  readonly endsWith: (input: unknown) => readonly (JobErrorCode | null)[]
  /** How many partial results the input gives. */
  readonly partials: (input: unknown) => number
  /** Whether its results are remembered. */
  readonly pure: boolean
}

/** A task of the chaos run with the inputs that its clients send. */
interface ChaosKind<Input> {
  readonly weight: number
  readonly attempts: number
  readonly pure?: boolean
  input(seed: number, random: Random): Input
  endsWith(input: Input): readonly (JobErrorCode | null)[]
  partials?(input: Input): number
}

const succeeds = [null]

const work: ChaosKind<{ seed: number; steps: number; stepMs: number; failures: number }> = {
  weight: 64,
  attempts: 3,
  input: (seed, random) => ({
    seed,
    steps: random.upTo(6),
    stepMs: random.upTo(12),
    failures: random.pick([0, 0, 0, 0, 1, 2, 99]),
  }),
  endsWith: ({ failures }) => (failures === 99 ? ['TASK_ERROR'] : succeeds),
  partials: ({ steps }) => steps,
}

const faultEnds = {
  throwText: ['TASK_ERROR'],
  breakSchema: ['INVALID_OUTPUT'],
  exit: [],
  spin: ['TIMEOUT'],
  // On a busy machine the time may be up before the heap is full.
  fillHeap: ['OUT_OF_MEMORY', 'TIMEOUT'],
} as const satisfies Record<string, readonly JobErrorCode[]>

const fault: ChaosKind<{ seed: number; fault: keyof typeof faultEnds }> = {
  weight: 6,
  attempts: 2,
  // The last four cost a thread.
  input: (seed, random) => ({
    seed,
    fault: random.pick(['throwText', 'throwText', 'breakSchema', 'exit', 'exit', 'fillHeap', 'spin']),
  }),
  endsWith: (input) => faultEnds[input.fault],
}

const pure: ChaosKind<{ seed: number }> = {
  weight: 12,
  attempts: 1,
  pure: true,
  input: (_seed, random) => ({ seed: random.upTo(5) }),
  endsWith: () => succeeds,
}

const file: ChaosKind<{ seed: number; files: number; bytes: number; fails: boolean }> = {
  weight: 12,
  attempts: 2,
  // Some have the same content as others.
  input: (_seed, random) => ({
    seed: random.upTo(20),
    files: 1 + random.upTo(2),
    bytes: random.pick([0, 10, 5000, 300_000]),
    fails: random.chance(0.2),
  }),
  endsWith: ({ fails }) => (fails ? ['TASK_ERROR'] : succeeds),
}

const gang: ChaosKind<{ seed: number; rounds: number; crash: boolean }> = {
  weight: 7,
  attempts: 2,
  input: (seed, random) => ({ seed, rounds: 1 + random.upTo(200), crash: random.chance(0.15) }),
  endsWith: ({ crash }) => (crash ? [] : succeeds),
}

const kinds = { chaosWork: work, chaosFault: fault, chaosPure: pure, chaosFile: file, chaosGang: gang }

/** The tasks by name. */
export const chaosTasks: ReadonlyMap<string, ChaosTask> = new Map(
  Object.entries(kinds).map(([name, { attempts, pure = false, ...kind }]) => [
    name,
    {
      attempts,
      pure,
      // The input is the one that this kind made.
      endsWith: (input) => kind.endsWith(input as never),
      partials: (input) => kind.partials?.(input as never) ?? 0, // the same
    },
  ]),
)

/** A task and an input for it, each by how often it is to be seen. */
export function drawWork(random: Random): { readonly task: string; readonly input: unknown } {
  const names = Object.entries(kinds).flatMap(([name, { weight }]) => Array.from({ length: weight }, () => name))
  const task = random.pick(names) as keyof typeof kinds // the keys of the table
  return { task, input: kinds[task].input(random.upTo(1_000_000), random) }
}
