import { interruptSignal } from '../scripts/interrupt.ts'
import { assertOpenFiles } from './fanout/assert-open-files.ts'
import { type FanoutOptions, type PartName, readFanoutOptions } from './fanout/options.ts'
import { benchLatency } from './fanout/parts/bench-latency.ts'
import { benchMemory } from './fanout/parts/bench-memory.ts'
import { benchPoll } from './fanout/parts/bench-poll.ts'
import { benchPublish } from './fanout/parts/bench-publish.ts'
import { benchStalled } from './fanout/parts/bench-stalled.ts'
import { benchStorm } from './fanout/parts/bench-storm.ts'
import { benchStreams } from './fanout/parts/bench-streams.ts'

type Part = (options: FanoutOptions, stopped: AbortSignal) => Promise<boolean>

const others: Readonly<Record<Exclude<PartName, 'ws' | 'sse'>, Part>> = {
  publish: benchPublish,
  poll: benchPoll,
  memory: benchMemory,
  latency: benchLatency,
  storm: benchStorm,
  stalled: benchStalled,
}

/** `npm run bench fanout`; says whether all targets were met. An interrupt ends all that was started. */
export async function fanout(): Promise<boolean> {
  const options = readFanoutOptions()
  assertOpenFiles(Math.max(...options.clients))
  const stopped = interruptSignal()
  const met: boolean[] = []
  for (const part of partsOf(options)) {
    try {
      met.push(await part(options, stopped))
    } catch (error) {
      // A process that was ended did not do what it was asked for.
      if (!stopped.aborted) throw error
    }
    if (stopped.aborted) return false
    console.log()
  }
  return met.every(Boolean)
}

/** Those over WebSocket and SSE are measured together: they have peers in common. */
function partsOf({ only }: FanoutOptions): readonly Part[] {
  const streams = (['ws', 'sse'] as const).filter((name) => only.includes(name))
  const rest = only.flatMap((name) => (name === 'ws' || name === 'sse' ? [] : [others[name]]))
  if (streams.length === 0) return rest
  return [(options, stopped) => benchStreams(streams, options, stopped), ...rest]
}
