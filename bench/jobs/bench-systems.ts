import { availableParallelism } from 'node:os'
import { installServices } from '../../scripts/install-services.ts'
import { makeTestFolder } from '../../test/support/open-test-store.ts'
import { median, percentile } from '../paired-rounds.ts'
import type { JobSystem } from './job-system.ts'
import { measureSystems, type SystemFigures } from './measure-systems.ts'
import { openMillrace } from './open-millrace.ts'
import { openBullmq } from './peers/open-bullmq.ts'
import { openGraphileWorker } from './peers/open-graphile-worker.ts'
import { openPgBoss } from './peers/open-pg-boss.ts'
import { openPiscina } from './peers/open-piscina.ts'
import { printFigure } from './print-figure.ts'
import { startPostgres, startRedis } from './private-server.ts'

/** Millrace beside other job systems, all in this process; says whether Millrace met its targets. */
export async function benchSystems(opened: AsyncDisposableStack, interrupted: AbortSignal): Promise<boolean> {
  const threads = availableParallelism()
  const folder = opened.use(await makeTestFolder())
  const systems: JobSystem[] = [
    opened.use(await openMillrace(folder.path, threads)),
    opened.use(await openPiscina(threads)),
  ]
  const missing = await installServices(['bench/jobs.ts'], interrupted)
  if (missing === null) systems.push(...(await openPeers(opened)))
  const figures = await measureSystems(systems)

  console.log(`No-op jobs in batches of 100, ${threads} cores; medians of paired rounds`)
  const head = ['', 'jobs/s', 'Millrace is', 'main thread', 'process', 'enqueue→started', 'fib(10) to its result']
  printRow([...head, 'runs in', 'an acknowledged job outlives'])
  for (const figure of figures) printRow(rowOf(figure))
  if (missing !== null) console.log(`  without BullMQ, pg-boss and graphile-worker: ${missing}`)
  const [own] = figures
  return own !== undefined && isWithinTargets(own)
}

async function openPeers(opened: AsyncDisposableStack): Promise<readonly JobSystem[]> {
  const redis = opened.use(await startRedis())
  const postgres = opened.use(await startPostgres())
  const database = `postgres://postgres@127.0.0.1:${postgres.port}/postgres`
  return [
    opened.use(await openBullmq(redis.port)),
    opened.use(await openPgBoss(database)),
    opened.use(await openGraphileWorker(database)),
  ]
}

const widths = [17, 9, 13, 13, 11, 22, 24, 15, 0]

function printRow(cells: readonly string[]): void {
  console.log(`  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' ')}`)
}

function rowOf({ system, perSecond, ratio, mainUs, processUs, starts, fibonaccis }: SystemFigures): readonly string[] {
  return [
    system.name,
    Math.round(perSecond).toLocaleString('en'),
    `× ${ratio.toFixed(2)}`,
    `${mainUs.toFixed(0)} µs/job`,
    `${processUs.toFixed(0)} µs/job`,
    spread(starts),
    spread(fibonaccis),
    system.runsIn,
    system.outlives,
  ]
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(2)}, p99 ${percentile(values, 0.99).toFixed(1)} ms`
}

function isWithinTargets({ perSecond, starts, fibonaccis }: SystemFigures): boolean {
  console.log('\nMillrace')
  return [
    printFigure('no-op jobs, entered and ended on record', perSecond, 'per s', { least: 5000 }),
    printFigure('enqueue to started, p50', median(starts), 'ms', { most: 1 }),
    printFigure('enqueue to started, p99', percentile(starts, 0.99), 'ms', { most: 10 }),
    printFigure('computeFibonacci(10) from asking to its result, p50', median(fibonaccis), 'ms', { most: 2 }),
  ].every(Boolean)
}
