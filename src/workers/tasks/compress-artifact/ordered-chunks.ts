import { on } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import type { TaskContext } from '../../../task.ts'

/** What the shards of a job need of each other, to bring chunks that each makes some of into one order. */
interface Gang {
  readonly shard: {
    readonly index: number
    readonly of: number
    portTo(index: number): MessagePort
  }
  readonly signal: TaskContext['signal']
}

/** So many chunks may lie ready at a shard's line that the first has not taken: the bound of what is held in memory. */
const maxAhead = 4

/** Chunks are dealt out in turn: the first shard has the chunks 0, n, 2n and so on. */
const makerOf = (chunk: number, of: number): number => chunk % of

/**
 * All chunks in their order, for the first shard: it makes its own when it is their turn and takes the others' from their
 * lines, telling each that it has.
 */
export async function* inOrder(
  count: number,
  { shard, signal }: Gang,
  make: (chunk: number) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const lines = Array.from({ length: shard.of }, (_, index) => {
    if (index === shard.index) return null
    const port = shard.portTo(index)
    return { port, incoming: on(port, 'message', { signal }) }
  })
  try {
    for (let chunk = 0; chunk < count; chunk += 1) {
      const line = lines[makerOf(chunk, shard.of)] ?? null
      if (line === null) {
        yield await make(chunk)
        continue
      }
      const { value } = await line.incoming.next()
      // An `ArrayBuffer` is all that the others put on a line.
      const [bytes] = value as [ArrayBuffer]
      line.port.postMessage('taken', [])
      yield new Uint8Array(bytes)
    }
  } finally {
    for (const line of lines) await line?.incoming.return?.()
  }
}

/** Makes the chunks of a shard other than the first and hands them over, some of them ahead of their turn. */
export async function makeMine(
  count: number,
  { shard, signal }: Gang,
  make: (chunk: number) => Promise<Uint8Array>,
): Promise<void> {
  const port = shard.portTo(0)
  const taken = on(port, 'message', { signal })
  let ahead = 0
  const oneTaken = async (): Promise<void> => {
    await taken.next()
    ahead -= 1
  }
  for (let chunk = shard.index; chunk < count; chunk += shard.of) {
    while (ahead >= maxAhead) await oneTaken()
    const bytes = await make(chunk)
    // A small buffer of zlib is a part of one that all share, which cannot be given away.
    const own = new Uint8Array(bytes).buffer
    port.postMessage(own, [own])
    ahead += 1
  }
  // The line may end with the shard.
  while (ahead > 0) await oneTaken()
  await taken.return?.()
}
