import { printFigure } from '../../jobs/print-figure.ts'
import type { ServerMemory } from '../messages.ts'
import { openBench, tell } from '../bench.ts'
import type { FanoutOptions } from '../options.ts'
import type { VariantName } from '../variants.ts'

const names: readonly VariantName[] = [
  'raw ws',
  'Millrace ws',
  'graphql-ws',
  'Mercurius',
  'Socket.IO',
  'raw SSE',
  'Millrace SSE',
  'graphql-sse',
  'yoga SSE',
]

/** kB (1,000 bytes) per subscriber, WebSocket. */
const targets: Partial<Record<VariantName, number>> = { 'Millrace ws': 20 }

/** Clients that are there and gone before: what the first ones cost is not of each. */
const firstClients = 100

/** What a subscriber takes who waits for something to happen; says whether the targets were met. */
export async function benchMemory({ clients }: FanoutOptions, stopped: AbortSignal): Promise<boolean> {
  const number = Math.max(...clients)
  console.log(`Memory of the server per idle subscriber, kB, ${number} subscribers, after garbage collection`)
  console.log(`  ${''.padEnd(14)} resident     heap   buffers`)
  const met: boolean[] = []
  for (const name of names) {
    if (stopped.aborted) return false
    tell(`${number} clients of ${name} connect`)
    const figures = await measureMemory(name, number, stopped)
    const cells = [figures.rss, figures.heapUsed, figures.external].map((bytes) =>
      (bytes / 1000).toFixed(1).padStart(8),
    )
    console.log(`  ${name.padEnd(14)} ${cells.join(' ')}`)
    const most = targets[name]
    if (most !== undefined) met.push(printFigure(`${name}, resident`, figures.rss / 1000, 'kB', { most }))
  }
  return met.every(Boolean)
}

/** Bytes per subscriber. */
async function measureMemory(name: VariantName, clients: number, stopped: AbortSignal): Promise<ServerMemory> {
  await using bench = await openBench(name, stopped)
  const { load, server } = bench
  await load.ask({ kind: 'connect', server: server.facts, clients: firstClients })
  await load.ask({ kind: 'disconnect' })
  const before = await server.memory('memory after gc')
  await load.ask({ kind: 'connect', server: server.facts, clients })
  const after = await server.memory('memory after gc')
  return {
    rss: (after.rss - before.rss) / clients,
    heapUsed: (after.heapUsed - before.heapUsed) / clients,
    external: (after.external - before.external) / clients,
  }
}
