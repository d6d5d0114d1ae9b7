import { defineTask, z } from '../../task.ts'
import { callsFor, fibonacci } from './compute-fibonacci/fibonacci.ts'

export default defineTask({
  name: 'computeFibonacci',
  description:
    'Computes a Fibonacci number by the naive double recursion: the comparison task of job systems, nothing but work for a core.',
  version: '1',
  input: z.object({
    n: z
      .int32()
      .min(0)
      .max(45)
      .default(30)
      .describe('Which number, from 0 to 45. Each step up takes 1.6 times as long; 45 takes many seconds.'),
  }),
  output: z.object({ value: z.int().describe('The Fibonacci number F(n), with F(0) = 0 and F(1) = 1.') }),
  timeoutMs: 10 * 60_000,
  run({ n }, context) {
    const total = callsFor(n)
    let calls = 0
    const value = fibonacci(n, (made) => {
      calls += made
      context.throwIfCancelled()
      context.progress(calls / total)
    })
    return { value }
  },
})
