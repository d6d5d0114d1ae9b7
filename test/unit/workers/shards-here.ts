import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { ShardedTask, TaskContext } from '../../../src/core/task.ts'

/**
 * Runs a sharded task on one thread, its shards side by side: for those that wait for each other by messages only. What
 * they answer is cloned, as between threads.
 */
export async function runShardsHere(
  task: Pick<ShardedTask, 'input' | 'shards'>,
  input: unknown,
  context: TaskContext,
  threads: number,
): Promise<unknown> {
  const parsed = task.input.parse(input)
  const { parts, shared } = await task.shards.plan(parsed, { ...context, threads })
  const common = { ...context, input: parsed, shared: shared ?? null }
  const lines = connect(parts.length)
  const results = await Promise.all(
    parts.map(async (part, index) => {
      const portTo = (other: number): MessagePort => {
        const port = lines.get(`${index} to ${other}`)
        if (port === undefined) throw new Error(`Shard ${index} has no line to shard ${other}.`)
        return port
      }
      const shard = {
        index,
        of: parts.length,
        portTo,
        barrier: () => {
          throw new Error('One thread cannot wait at a barrier.')
        },
        broadcast: () => {
          throw new Error('Nobody listens.')
        },
      }
      return structuredClone(await task.shards.run(structuredClone(part), { ...common, shard }))
    }),
  ).finally(() => {
    for (const port of lines.values()) port.close()
  })
  return task.shards.reduce(results, common)
}

/** A line between any two shards, by its ends. */
function connect(shards: number): ReadonlyMap<string, MessagePort> {
  const lines = new Map<string, MessagePort>()
  for (let a = 0; a < shards; a += 1) {
    for (let b = a + 1; b < shards; b += 1) {
      const { port1, port2 } = new MessageChannel()
      lines.set(`${a} to ${b}`, port1).set(`${b} to ${a}`, port2)
    }
  }
  return lines
}
