import { setTimeout as sleep } from 'node:timers/promises'
import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import { inBatches, type JobSystem } from '../job-system.ts'
import { computeFibonacci } from './compute-fibonacci.ts'
import { createNoop } from './noop.ts'

/** graphile-worker as its page about performance has it: `addJobs`, a local queue, completions in batches. */
export async function openGraphileWorker(connectionString: string): Promise<JobSystem> {
  const logger = new Logger(() => () => undefined)
  const utils = await makeWorkerUtils({ connectionString, logger })
  await utils.migrate()
  const noop = createNoop()
  const runner = await run({
    preset: {
      worker: {
        connectionString,
        concurrentJobs: 24,
        maxPoolSize: 26,
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
        logger,
      },
    },
    noHandleSignals: true,
    taskList: {
      noop: () => noop.run(),
      fibonacci: (payload) => void computeFibonacci((payload as { n: number }).n), // what is entered below
    },
  })

  /** What is completed is removed; nothing tells of that, so that the table is asked once the functions have run. */
  async function untilRemoved(): Promise<void> {
    const text = 'select 1 from graphile_worker._private_jobs limit 1'
    while ((await utils.withPgClient((client) => client.query(text))).rows.length > 0) await sleep(1)
  }

  return {
    name: 'graphile-worker',
    outlives: 'the processes and a crash of the machine',
    runsIn: 'the event loop',
    async runNoops(count) {
      const ran = noop.ran(count)
      const job = { identifier: 'noop', payload: {} }
      await inBatches(count, (size) => utils.addJobs(Array.from({ length: size }, () => job)))
      await ran
      await untilRemoved()
    },
    async startNoop() {
      const [ran, began] = [noop.ran(1), noop.begins()]
      await utils.addJob('noop', {})
      await ran
      await untilRemoved()
      return began
    },
    async runFibonacci() {
      await utils.addJob('fibonacci', { n: 10 })
      await untilRemoved()
    },
    async [Symbol.asyncDispose]() {
      await runner.stop()
      await utils.release()
    },
  }
}
