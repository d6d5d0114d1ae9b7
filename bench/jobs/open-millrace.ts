import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { pinoLogger } from '../../src/adapters/logging/pino-logger.ts'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { type App, createApp } from '../../src/app.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { isTerminal, type Job } from '../../src/core/job.ts'
import type { Jobs } from '../../src/services/jobs/jobs.ts'
import { somebody } from '../../test/support/principals.ts'
import { inBatches, type JobSystem } from './job-system.ts'

/** The folder with the tasks of the benchmark. */
export const taskFolder: string = fileURLToPath(new URL('tasks', import.meta.url))

/** How many unfinished jobs the owner has at the most: a good part of what is allowed by default. */
const maxUnfinished = 500

/** Settings of a server of the benchmark with so many threads. */
export function benchConfig(folder: string, threads: number): Config {
  // Those that are entered for tomorrow count, too.
  const settings = { PORT: '0', COMPUTE_THREADS: `${threads}`, MILLRACE_TASKS: taskFolder, JOBS_PER_USER: '100000' }
  return { ...readConfig(settings), dataDir: join(folder, 'data') }
}

/** A whole app whose logs go nowhere. */
export function openBenchApp(config: Config): Promise<App> {
  return createApp(config, { logger: pinoLogger({ level: 'silent', pretty: false }) })
}

/** Who owns the jobs of the benchmark. */
export const owner = somebody()

/** Millrace as one process with all its parts, used through its services. */
export async function openMillrace(folder: string, threads: number): Promise<JobSystem & { readonly jobs: Jobs }> {
  const config = benchConfig(folder, threads)
  const app = await openBenchApp(config)
  // A second pair of eyes on the ledger.
  const store = await sqliteStore({ path: join(config.dataDir, 'millrace.sqlite') })
  const { jobs } = app.services

  async function untilLeft(most: number): Promise<void> {
    while ((await store.read(({ ledger }) => ledger.countUnfinished(owner.userId))) > most) await sleep(2)
  }

  async function outputOf({ id }: Job): Promise<unknown> {
    for (;;) {
      const job = await jobs.find(owner, id)
      if (job !== null && isTerminal(job.state)) return jobs.output(job)
      await sleep(1)
    }
  }

  return {
    jobs,
    name: 'Millrace',
    outlives: 'the process; of a crash of the machine all but the last moments',
    runsIn: 'threads',
    async runNoops(count) {
      await inBatches(count, async (size) => {
        await untilLeft(maxUnfinished - size)
        await Promise.all(Array.from({ length: size }, () => jobs.submit(owner, 'benchNoop', {})))
      })
      await untilLeft(0)
    },
    async startNoop() {
      const job = await jobs.submit(owner, 'benchNoop', {})
      // Nobody asks until it has surely begun: that would be what is measured.
      await sleep(5)
      const { startedAt } = (await outputOf(job)) as { startedAt: number } // what the task answers
      return startedAt
    },
    async runFibonacci() {
      const job = await jobs.submit(owner, 'computeFibonacci', { n: 10 }, { waitMs: 30_000 })
      await jobs.output(job)
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await app[Symbol.asyncDispose]()
    },
  }
}
