import type { Shard } from '../../../core/task.ts'
import { evenRanges, firstRowStart, hasOddQuotes } from './row-cuts.ts'
import type { ByteRange } from './read-rows.ts'

/** What the shards of a job tell each other in shared memory. */
export interface Sharing {
  /** One 32-bit number for each shard: 1 where its part of the file has an odd number of quotes. */
  readonly oddQuotes: SharedArrayBuffer
  /** One double for each shard: where its first row begins, not a number where none does. */
  readonly starts: SharedArrayBuffer
  /** One 64-bit number: how many rows all of them have read. */
  readonly rows: SharedArrayBuffer
  /** One 32-bit number: not 0 once a shard cannot read its part. */
  readonly failed: SharedArrayBuffer
}

export function createSharing(shards: number): Sharing {
  return {
    oddQuotes: new SharedArrayBuffer(4 * shards),
    starts: new SharedArrayBuffer(8 * shards),
    rows: new SharedArrayBuffer(8),
    failed: new SharedArrayBuffer(4),
  }
}

/** The whole rows of a file that are this shard's to read, perhaps none. All shards call it: it waits for the others. */
export async function findMyRows(
  file: { readonly path: string; readonly size: number },
  sharing: Sharing,
  { shard, throwIfCancelled }: { readonly shard: Shard; throwIfCancelled(): void },
): Promise<ByteRange> {
  const { index, of } = shard
  const range = evenRanges(file.size, of)[index] ?? { from: file.size, to: file.size }
  const odd = new Int32Array(sharing.oddQuotes)
  odd[index] = (await hasOddQuotes(file.path, range, throwIfCancelled)) ? 1 : 0
  shard.barrier()
  const inQuotes = odd.subarray(0, index).reduce((sum, one) => sum + one, 0) % 2 === 1
  const starts = new Float64Array(sharing.starts)
  starts[index] = index === 0 ? 0 : ((await firstRowStart(file.path, range, inQuotes, throwIfCancelled)) ?? Number.NaN)
  shard.barrier()
  const to = starts.subarray(index + 1).find((start) => !Number.isNaN(start)) ?? file.size
  const from = starts[index] ?? to
  return { from: Number.isNaN(from) ? to : from, to }
}
