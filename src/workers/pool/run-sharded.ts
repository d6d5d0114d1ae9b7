import { maxShards, tellEnded, type Control } from '../control.ts'
import { type AttemptEnd, attemptEndOf } from './attempt-end.ts'
import type { Brake } from './brake.ts'
import { createGangPorts, type GangPorts } from './gang-ports.ts'
import type { Hearing } from './hearing.ts'
import type { Slot } from './slots.ts'
import type { Stage } from './stage.ts'

export interface ShardedOptions {
  readonly stage: Stage
  readonly brake: Brake
  readonly hearing: Hearing
  readonly control: Control
  /** How many threads there are now, those not counted that native code holds. */
  threads(): number
  readonly graceMs: number
}

/** Runs the parts of a task in shards: `plan`, then all shards at once, then `reduce`. */
export async function runSharded(options: ShardedOptions): Promise<AttemptEnd> {
  const { stage } = options
  const taken = await stage.take(1)
  if ('type' in taken) return taken
  const planned = await stage.perform({ type: 'plan', threads: Math.min(options.threads(), maxShards) })
  for (const slot of taken) stage.leave(slot, planned)
  if (planned.outcome?.type !== 'planned') return attemptEndOf(planned)
  const ports = createGangPorts(planned.outcome)
  try {
    return await runGang(ports, options)
  } finally {
    ports.close()
  }
}

async function runGang(ports: GangPorts, options: ShardedOptions): Promise<AttemptEnd> {
  const { stage, brake } = options
  const slots = await stage.take(ports.of)
  if ('type' in slots) return slots
  const { end, slot } = await runShards(ports, slots, options)
  if (slot === null) return brake.reason ?? end
  // On the last shard's thread: the others are free already, and no other attempt comes in between.
  const reduced = await stage.perform({ type: 'reduce', baggage: ports.reduce, answers: ports.answers })
  stage.leave(slot, reduced)
  return attemptEndOf(reduced)
}

/** Runs all shards to their ends. Keeps the slot of the last one where all have answered. */
async function runShards(
  ports: GangPorts,
  slots: readonly Slot[],
  { stage, brake, hearing, control, graceMs }: ShardedOptions,
): Promise<{ readonly end: AttemptEnd; readonly slot: Slot | null }> {
  let left = ports.of
  let kept: Slot | null = null
  let last: AttemptEnd = { type: 'lost', message: 'No shard has ended.' }
  hearing.shardsBegin(ports.of)

  async function runShard(slot: Slot, index: number): Promise<void> {
    const part = ports.shards[index]
    // There are as many slots as shards.
    if (part === undefined) return slot.release()
    const ended = await stage.perform(part)
    if (ended.outcome?.type === 'answered') hearing.shardEnds(index)
    else {
      last = attemptEndOf(ended)
      // Before the others hear that one has ended: what they make of that is not the reason.
      brake.stop(last, graceMs)
    }
    tellEnded(control)
    left -= 1
    if (left === 0 && brake.reason === null) kept = slot
    else stage.leave(slot, ended)
  }

  await Promise.all(slots.map(runShard))
  return { end: last, slot: kept }
}
