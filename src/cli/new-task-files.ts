/** What `millrace task new` writes: a task that works as it is, in the form that its author is to fill in. */

const head = (name: string) => `import { defineTask, z } from 'millrace/task'

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
  retries: { attempts: 3 },`

/** A task for one thread. */
export const plainTask = (name: string): string => `${head(name)}
  run({ upTo }, context) {
    let sum = 0
    for (let number = 1; number <= upTo; number += 1) {
      sum += Math.sqrt(number)
      // Now and then: lets the job be cancelled, and tells how far it is.
      if (number % 100_000 === 0) {
        context.throwIfCancelled()
        context.progress(number / upTo)
      }
    }
    return { sum }
  },
})
`

/** A task for several threads at once. */
export const shardedTask = (name: string): string => `${head(name)}
  shards: {
    // Cuts the job into at most as many parts as there are threads.
    plan({ upTo }, { threads, counter }) {
      const shards = Math.min(threads, upTo)
      counter.total = upTo
      return { parts: Array.from({ length: shards }, (_, shard) => ({ first: shard + 1, step: shards })) }
    },
    // Runs for all parts at the same time, each on a thread of its own.
    run({ first, step }, context) {
      let sum = 0
      let counted = 0
      for (let number = first; number <= context.input.upTo; number += step) {
        sum += Math.sqrt(number)
        counted += 1
        // Now and then: lets the job be cancelled, and counts up what all shards have done.
        if (counted % 100_000 === 0) {
          context.throwIfCancelled()
          context.counter.add(100_000)
        }
      }
      return sum
    },
    reduce: (sums) => ({ sum: sums.reduce((total, sum) => total + sum, 0) }),
  },
})
`

/** A test of either, with Node's own test runner. */
export const taskTest = (file: string): string => `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runTask } from 'millrace/testing'
import type task from './${file}.ts'

const file = new URL('./${file}.ts', import.meta.url)

test('adds up square roots', async () => {
  const { output } = await runTask<typeof task>(file, { upTo: 4 })
  assert.ok(Math.abs(output.sum - (1 + Math.SQRT2 + Math.sqrt(3) + 2)) < 1e-12)
})

test('refuses a limit below 1', async () => {
  await assert.rejects(runTask<typeof task>(file, { upTo: 0 }), { code: 'INVALID_INPUT' })
})
`

/** An input to try it on. */
export const taskInput = `{ "upTo": 10000000 }
`
