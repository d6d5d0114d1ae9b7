import type { MessagePort } from 'node:worker_threads'
import type { Shard } from '../../core/task.ts'
import { waitAtBarrier, type Control } from '../control.ts'
import type { Part } from '../messages.ts'

/** What a shard has to meet the others; `stopped` makes the error of a job that is to stop. */
export function createShard(part: Extract<Part, { type: 'shard' }>, control: Control, stopped: () => Error): Shard {
  const { index, of, lines } = part

  function portTo(other: number): MessagePort {
    const port = lines[other]
    if (port !== undefined && port !== null) return port
    throw new RangeError(
      other === index
        ? `Shard ${index} has no line to itself.`
        : `There is no shard ${other}: they are counted from 0 to ${of - 1}.`,
    )
  }

  return {
    index,
    of,
    barrier: () => waitAtBarrier(control, of, stopped),
    portTo,
    broadcast(message) {
      for (const port of lines) port?.postMessage(message)
    },
  }
}
