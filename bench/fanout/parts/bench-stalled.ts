import { setTimeout as sleep } from 'node:timers/promises'
import { printFigure } from '../../jobs/print-figure.ts'
import { type Bench, openBench, tell } from '../bench.ts'
import type { FanoutOptions } from '../options.ts'

const stalled = 1000
const reading = 4
/** Characters of each event: one is what a client that does not read may hold beyond the high water. */
const size = 10_000
const burst = 4
const published = 1e9

/** For how long the server is warmed up, by clients that all read. */
const warmUpMs = 8000

/** After so many ms it is enough, and the target missed if less was published. */
const enoughMs = 150_000

/** How much the server grows when most of its clients read nothing; says whether the target was met. */
export async function benchStalled(_options: FanoutOptions, stopped: AbortSignal): Promise<boolean> {
  console.log(`${stalled} clients read nothing while 1 GB is published and ${reading} others read`)
  const met: boolean[] = []
  for (const name of ['Millrace ws', 'Millrace SSE'] as const) {
    if (stopped.aborted) return false
    tell(`${stalled} clients of ${name} connect`)
    await using bench = await openBench(name, stopped)
    met.push(await measureGrowth(bench, stopped))
  }
  return met.every(Boolean)
}

async function measureGrowth({ name, server, load }: Bench, stopped: AbortSignal): Promise<boolean> {
  const { facts } = server
  // A server that has told many such events has the memory that telling them takes, whoever reads.
  await load.ask({ kind: 'connect', server: facts, clients: reading })
  await load.ask({ kind: 'measure', burst, size, ms: warmUpMs })
  await load.ask({ kind: 'disconnect' })
  await load.ask({ kind: 'connect', server: facts, clients: reading, stalled })
  const before = await server.memory('memory after gc')
  let highest = before.rss
  let bytes = 0
  let left = stalled
  const started = performance.now()
  while (bytes < published && !stopped.aborted) {
    const span = await load.ask({ kind: 'measure', burst, size, ms: 250 })
    bytes += span.events * size
    left = span.stalled
    highest = Math.max(highest, (await server.memory('memory')).rss)
    if (performance.now() - started > enoughMs) break
  }
  const seconds = (performance.now() - started) / 1000
  await sleep(100)
  const after = await server.memory('memory after gc')
  const isAll = printFigure(`${name}, published`, bytes / 1e6, 'MB', { least: published / 1e6 })
  printFigure(`${name}, in`, seconds, 's')
  printFigure(`${name}, who read nothing and is still connected`, left, '')
  printFigure(`${name}, resident memory at its highest, more than before`, (highest - before.rss) / 1e6, 'MB')
  const growth = (after.rss - before.rss) / 1e6
  return printFigure(`${name}, resident memory after all, more than before`, growth, 'MB', { most: 50 }) && isAll
}
