import { availableParallelism, loadavg } from 'node:os'
import { interruptSignal } from '../scripts/interrupt.ts'
import { type ClusterOptions, type PartName, readClusterOptions } from './cluster/options.ts'
import { benchBus } from './cluster/parts/bench-bus.ts'
import { benchFanout } from './cluster/parts/bench-fanout.ts'
import { benchQueries } from './cluster/parts/bench-queries.ts'
import { benchRelay } from './cluster/parts/bench-relay.ts'
import { benchWriters } from './cluster/parts/bench-writers.ts'
import { assertOpenFiles } from './fanout/assert-open-files.ts'

type Part = (options: ClusterOptions, stopped: AbortSignal) => Promise<void>

const parts: Readonly<Record<PartName, Part>> = {
  queries: benchQueries,
  fanout: benchFanout,
  relay: benchRelay,
  bus: benchBus,
  writers: benchWriters,
}

/** `npm run bench cluster`; says whether all was measured. An interrupt ends all that was started. */
export async function cluster(): Promise<boolean> {
  const options = readClusterOptions()
  if (process.platform !== 'linux') {
    console.error('The CPU time of other processes is read from /proc, which only Linux has.')
    return false
  }
  assertOpenFiles(options.clients)
  const stopped = interruptSignal()
  console.log(`${availableParallelism()} cores for servers, clients and Redis together; ${load()}\n`)
  for (const name of options.only) {
    try {
      await parts[name](options, stopped)
    } catch (error) {
      // A process that was ended did not do what it was asked for.
      if (!stopped.aborted) throw error
    }
    if (stopped.aborted) return false
  }
  console.log(load())
  return true
}

function load(): string {
  return `load average ${loadavg()
    .map((average) => average.toFixed(2))
    .join(' ')}`
}
