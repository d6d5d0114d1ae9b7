/** What `millrace task new` writes: a task that works as it is, in the form that its author is to fill in. */
export interface TaskTemplate {
  task(name: string): string
  /** `file`: the task's, without its ending. */
  test(file: string): string
  /** An input to try it on. */
  readonly input: string
}

/** A task for one thread. */
export const plainTask: TaskTemplate = {
  task: (name) => `import { defineTask, z } from 'millrace/task'

export default defineTask({
  name: '${name}',
  description: 'Counts the words of a text.',
  version: '1',
  input: z.object({
    text: z.string().max(60_000).describe('Any text.'),
  }),
  output: z.object({
    words: z.int32().describe('How many words it has.'),
  }),
  timeoutMs: 60_000,
  retries: { attempts: 3 },
  run({ text }, context) {
    let words = 0
    for (const match of text.matchAll(/\\S+/g)) {
      words += 1
      // Now and then: lets the job be cancelled, and tells how far it is.
      if (words % 1_000 === 0) {
        context.throwIfCancelled()
        context.progress(match.index / text.length)
      }
    }
    return { words }
  },
})
`,
  test: (file) =>
    taskTest(file, {
      input: "{ text: 'to be or not to be' }",
      check: 'assert.deepEqual(output, { words: 6 })',
      wrong: "{ text: 'a'.repeat(60_001) }",
    }),
  input: '{ "text": "to be or not to be" }\n',
}

/** A task for several threads at once. */
export const shardedTask: TaskTemplate = {
  task: (name) => `import { defineTask, z } from 'millrace/task'

export default defineTask({
  name: '${name}',
  description: 'Adds up the square roots of the whole numbers up to a limit.',
  version: '1',
  input: z.object({
    upTo: z.int32().min(1).max(100_000_000).describe('The last number.'),
  }),
  output: z.object({
    sum: z.number().describe('The sum of the square roots.'),
  }),
  timeoutMs: 60_000,
  retries: { attempts: 3 },
  shards: {
    // Cuts the job into at most as many parts as there are threads.
    plan({ upTo }, { threads, counter }) {
      const shards = Math.min(threads, upTo)
      counter.total = upTo
      return { parts: Array.from({ length: shards }, (_, shard) => ({ first: shard + 1, step: shards })) }
    },
    // Runs for all parts at the same time, each on a thread of its own.
    run({ first, step }, { input, counter, throwIfCancelled }) {
      let sum = 0
      let counted = 0
      for (let number = first; number <= input.upTo; number += step) {
        sum += Math.sqrt(number)
        counted += 1
        // Now and then: lets the job be cancelled, and tells the counter of all shards.
        if (counted === 10_000) {
          throwIfCancelled()
          counter.add(counted)
          counted = 0
        }
      }
      counter.add(counted)
      return sum
    },
    reduce: (sums) => ({ sum: sums.reduce((total, sum) => total + sum, 0) }),
  },
})
`,
  test: (file) =>
    taskTest(file, {
      input: '{ upTo: 4 }',
      check: 'assert.ok(Math.abs(output.sum - (1 + Math.SQRT2 + Math.sqrt(3) + 2)) < 1e-12)',
      wrong: '{ upTo: 0 }',
    }),
  input: '{ "upTo": 10000000 }\n',
}

interface Example {
  readonly input: string
  readonly check: string
  /** An input that is refused. */
  readonly wrong: string
}

/** A test with Node's own runner. */
function taskTest(file: string, { input, check, wrong }: Example): string {
  return `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runTask } from 'millrace/testing'
import type task from './${file}.ts'

const file = new URL('./${file}.ts', import.meta.url)

test('answers what it should', async () => {
  const { output } = await runTask<typeof task>(file, ${input})
  ${check}
})

test('refuses an input that does not fit', async () => {
  await assert.rejects(runTask<typeof task>(file, ${wrong}), { code: 'INVALID_INPUT' })
})
`
}
