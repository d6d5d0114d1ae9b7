import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { pinoLogger } from '../../src/adapters/logging/pino-logger.ts'
import type { AttemptListener } from '../../src/ports/compute-pool.ts'
import type { Jobs } from '../../src/services/jobs/jobs.ts'
import { openPool } from '../../src/workers/pool.ts'
import { makeTestFolder } from '../../test/support/open-test-store.ts'
import { somebody } from '../../test/support/principals.ts'
import { median } from '../paired-rounds.ts'
import { cpuOf } from './cpu-of.ts'
import { inBatches } from './job-system.ts'
import { openMillrace } from './open-millrace.ts'
import { printFigure } from './print-figure.ts'

const rounds = 5
const count = 1000

/** Where the main thread's time of a no-op job goes. */
export async function benchCosts(opened: AsyncDisposableStack): Promise<boolean> {
  const threads = availableParallelism()
  const folder = opened.use(await makeTestFolder())
  const { jobs, runNoops } = opened.use(await openMillrace(folder.path, threads))
  const logger = pinoLogger({ level: 'silent', pretty: false })
  const taskFiles = [fileURLToPath(new URL('tasks/bench-noop.ts', import.meta.url))]
  const pool = opened.use(openPool({ threads, taskFiles, logger }))
  const attempt = { id: 'job', attempt: 1, idempotencyKey: 'job' }
  const steps = {
    all: () => runNoops(count),
    // Jobs of tomorrow are entered and nothing more; somebody new each time, whose quota they are counted for.
    enter: () => enterForTomorrow(jobs),
    compute: () =>
      enterTogether(() =>
        pool.run({ task: 'benchNoop', job: attempt, input: {}, artifacts: [] }, deaf, new AbortController().signal),
      ),
  }
  for (const step of Object.values(steps)) await step()
  const costs: Record<keyof typeof steps, number[]> = { all: [], enter: [], compute: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, step] of Object.entries(steps)) {
      costs[name as keyof typeof steps].push((await cpuOf(step)).mainUs / count) // a key of `steps`
    }
  }
  const [all, enter, compute] = [median(costs.all), median(costs.enter), median(costs.compute)]
  console.log(`Where the main thread's time goes, CPU µs of a no-op job, medians of ${rounds} rounds`)
  printFigure('entering it (checks, job, values, event)', enter, 'µs')
  printFigure('handing it to a thread and hearing of it', compute, 'µs')
  printFigure('claiming it, reading its input, recording its end', all - enter - compute, 'µs')
  printFigure('all of it', all, 'µs')
  return true
}

function enterForTomorrow(jobs: Jobs): Promise<void> {
  const owner = somebody()
  return enterTogether(() => jobs.submit(owner, 'benchNoop', {}, { delayMs: 86_400_000 }))
}

function enterTogether(enter: () => Promise<unknown>): Promise<void> {
  return inBatches(count, (size) => Promise.all(Array.from({ length: size }, enter)))
}

const deaf: AttemptListener = {
  progress() {},
  async partial() {},
  log() {},
  file: () => Promise.reject(new Error('The task writes no files.')),
}
