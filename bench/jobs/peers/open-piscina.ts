import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { inBatches, type JobSystem } from '../job-system.ts'

/** Piscina as its README has it: a thread for each core, nothing kept. */
export async function openPiscina(threads: number): Promise<JobSystem> {
  const filename = fileURLToPath(new URL('piscina-thread.ts', import.meta.url))
  const piscina = new Piscina({ filename, minThreads: threads, maxThreads: threads })
  const noop = () => piscina.run(null, { name: 'noop' }) as Promise<number> // what the thread answers
  return {
    name: 'Piscina alone',
    outlives: 'nothing: it is in memory only',
    runsIn: 'threads',
    async runNoops(count) {
      const ends: Promise<unknown>[] = []
      await inBatches(count, async (size) => {
        // Two batches are under way: the threads have work while the next one is entered.
        await Promise.all(ends.splice(0, ends.length - size))
        for (let job = 0; job < size; job += 1) ends.push(noop())
      })
      await Promise.all(ends)
    },
    startNoop: noop,
    async runFibonacci() {
      await piscina.run(10, { name: 'fibonacci' })
    },
    [Symbol.asyncDispose]: () => piscina.destroy(),
  }
}
