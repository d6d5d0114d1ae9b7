import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { Part, PartOutcome } from '../messages.ts'
import { portsOf } from '../ports-of.ts'

/** The ports by which the parts of a sharded attempt hand on to each other what the main thread does not read. */
export interface GangPorts {
  /** How many shards there are. */
  readonly of: number
  readonly reduce: MessagePort
  /** What the shards answer, for `reduce`. */
  readonly answers: readonly MessagePort[]
  readonly shards: readonly Part[]
  /** Closes those that went to no thread. */
  close(): void
}

/** Makes the ports that lie between the shards of the plan, and between them and `reduce`. */
export function createGangPorts(planned: Extract<PartOutcome, { type: 'planned' }>): GangPorts {
  const of = planned.shards.length
  const lines = createLines(of)
  const answers: MessagePort[] = []
  const shards = planned.shards.map((baggage, index) => {
    const { port1: answer, port2 } = new MessageChannel()
    answers.push(port2)
    return { type: 'shard', index, of, baggage, answer, lines: lines[index] ?? [] } as const
  })

  return {
    of,
    reduce: planned.reduce,
    answers,
    shards,
    close() {
      for (const port of [planned.reduce, ...answers]) port.close()
      for (const port of shards.flatMap(portsOf)) port.close()
    },
  }
}

/** A channel between each two of so many shards: for each shard, its ends of them; `null` in its own place. */
function createLines(of: number): readonly (readonly (MessagePort | null)[])[] {
  const lines = Array.from({ length: of }, () => Array.from({ length: of }, (): MessagePort | null => null))
  for (const [from, own] of lines.entries()) {
    for (const [to, others] of lines.entries()) {
      if (to <= from) continue
      const { port1, port2 } = new MessageChannel()
      own[to] = port1
      others[from] = port2
    }
  }
  return lines
}
