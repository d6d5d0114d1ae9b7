import { receiveMessageOnPort } from 'node:worker_threads'
import type { Shard } from '../../../core/task.ts'
import type { Strip } from './strip.ts'

/** Gives the neighbours this strip's edges and takes theirs. All shards come here equally often. */
export function exchangeHalos(strip: Strip, shard: Shard): void {
  const neighbours = [
    { side: 'above', index: shard.index - 1 },
    { side: 'below', index: shard.index + 1 },
  ] as const
  const present = neighbours.filter(({ index }) => index >= 0 && index < shard.of)
  for (const { side, index } of present) {
    const rows = strip.edge(side)
    shard.portTo(index).postMessage(rows, [rows.buffer])
  }
  // Behind it every message has been posted, so none needs to be waited for.
  shard.barrier()
  for (const { side, index } of present) {
    const received = receiveMessageOnPort(shard.portTo(index))
    if (received === undefined) throw new Error(`Shard ${index} sent no halo to shard ${shard.index}.`)
    // The neighbour runs the lines above.
    strip.setHalo(side, (received as { readonly message: Float64Array }).message)
  }
}
