import { setTimeout as sleep } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'
import { inBatches, type JobSystem } from '../job-system.ts'
import { computeFibonacci } from './compute-fibonacci.ts'
import { createNoop } from './noop.ts'

/** pg-boss as its documentation has it for throughput and latency: `insert`, batches, bursts, LISTEN/NOTIFY. */
export async function openPgBoss(connectionString: string): Promise<JobSystem> {
  const boss = new PgBoss({ connectionString, max: 10, useListenNotify: true, schedule: false })
  boss.on('error', (error) => console.error('pg-boss:', error))
  await boss.start()
  await boss.createQueue('noop', { notify: true })
  await boss.createQueue('fibonacci', { notify: true })
  const noop = createNoop()
  const options = { pollingIntervalSeconds: 0.5, batchSize: 100, burstWhenBatchFull: true, localConcurrency: 2 }
  await boss.work('noop', options, async (jobs) => jobs.forEach(noop.run))
  await boss.work<{ n: number }>(
    'fibonacci',
    options,
    async (jobs) => void jobs.map(({ data }) => computeFibonacci(data.n)),
  )

  /** Nothing tells of it: once the functions have run, the table is asked. */
  async function untilCompleted(): Promise<void> {
    const text = `select 1 from pgboss.job where state <> 'completed' limit 1`
    while ((await boss.getDb().executeSql(text)).rows.length > 0) await sleep(1)
  }

  return {
    name: 'pg-boss',
    outlives: 'the processes and a crash of the machine',
    runsIn: 'the event loop',
    async runNoops(count) {
      const ran = noop.ran(count)
      await inBatches(count, (size) =>
        boss.insert(
          'noop',
          Array.from({ length: size }, () => ({ data: {} })),
        ),
      )
      await ran
      await untilCompleted()
      await boss.deleteAllJobs()
    },
    async startNoop() {
      const [ran, began] = [noop.ran(1), noop.begins()]
      await boss.send('noop', {})
      await ran
      await untilCompleted()
      return began
    },
    async runFibonacci() {
      await boss.send('fibonacci', { n: 10 })
      await untilCompleted()
    },
    [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
  }
}
