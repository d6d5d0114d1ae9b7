import { defineTask, z } from 'millrace/task'

/** A task of one's own: one file, a described input and output, and a function. */
export default defineTask({
  name: 'countPrimes',
  description: 'Counts the prime numbers up to a limit, by trial division: honest work for a processor.',
  version: '1',
  input: z.object({
    upTo: z.int32().min(2).max(20_000_000).describe('Count the primes from 2 up to this number.'),
  }),
  output: z.object({
    count: z.int32().describe('How many primes there are.'),
    largest: z.int32().describe('The largest of them.'),
  }),
  partial: z.object({
    upTo: z.int32().describe('Everything up to here has been looked at.'),
    count: z.int32().describe('How many primes were found so far.'),
  }),
  timeoutMs: 10 * 60_000,
  async run({ upTo }, context) {
    let count = 0
    let largest = 2
    for (let candidate = 2; candidate <= upTo; candidate += 1) {
      if (isPrime(candidate)) {
        count += 1
        largest = candidate
      }
      if (candidate % 10_000 === 0) {
        context.throwIfCancelled()
        context.progress(candidate / upTo, `${count} primes`)
      }
      if (candidate % 1_000_000 === 0) await context.emit({ upTo: candidate, count })
    }
    context.log('info', `Found ${count} primes up to ${upTo}.`)
    return { count, largest }
  },
})

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) {
    if (candidate % divisor === 0) return false
  }
  return candidate > 1
}
