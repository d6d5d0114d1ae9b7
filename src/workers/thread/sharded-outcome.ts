import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { ShardedTask, ShardPlan } from '../../core/task.ts'
import type { Part, PartOutcome, ReduceBaggage, ShardBaggage } from '../messages.ts'
import type { AttemptContext } from './attempt-context.ts'
import { createShard } from './shard.ts'
import { failed, outcomeOfOutput, parseInput, settle } from './task-outcome.ts'
import { NotCloneableError, putCopy, putWithBuffers, takeOut } from './transfer.ts'

type Steering = Pick<AttemptContext, 'context' | 'control' | 'sent' | 'stop'>

/** Cuts the job and packs the baggage of each shard and of `reduce`. Never rejects. */
export function outcomeOfPlan(
  task: ShardedTask,
  input: unknown,
  threads: number,
  { context, sent }: Steering,
): Promise<PartOutcome> {
  return settle(async () => {
    const parsed = await parseInput(task, input, context)
    const plan = await task.shards.plan(parsed, { ...context, threads })
    const { parts, shared } = readPlan(plan, threads)
    await sent()
    return pack(parts, { input: parsed, shared })
  })
}

/** Runs one shard and puts its answer into its port. Never rejects. */
export function outcomeOfShard(
  task: ShardedTask,
  part: Extract<Part, { type: 'shard' }>,
  { context, control, stop, sent }: Steering,
): Promise<PartOutcome> {
  return settle(async () => {
    // What `plan` put there.
    const baggage = takeOut(part.baggage) as ShardBaggage
    context.throwIfCancelled()
    const shard = createShard(part, control, stop)
    const { input, shared } = baggage
    const answer = await task.shards.run(baggage.part, { ...context, input, shared, shard })
    await sent()
    return putAnswer(part.answer, part.index, answer)
  })
}

/** Joins the answers of all shards. Never rejects. */
export function outcomeOfReduce(
  task: ShardedTask,
  part: Extract<Part, { type: 'reduce' }>,
  { context, sent }: Steering,
): Promise<PartOutcome> {
  return settle(async () => {
    // What `plan` put there.
    const { input, shared } = takeOut(part.baggage) as ReduceBaggage
    const answers = part.answers.map(takeOut)
    context.throwIfCancelled()
    const output = await task.shards.reduce(answers, { ...context, input, shared })
    await sent()
    return outcomeOfOutput(task, output)
  })
}

/** Throws for what a task in plain JavaScript may return in place of a plan, and for more parts than may run at once. */
function readPlan(plan: unknown, threads: number): ShardPlan<unknown, unknown> {
  const parts: unknown = typeof plan === 'object' && plan !== null && 'parts' in plan ? plan.parts : undefined
  if (!Array.isArray(parts)) throw new TypeError('`plan` must return { parts, shared }, where `parts` is a list.')
  if (parts.length === 0) throw new RangeError('`plan` returned no parts: there must be at least one.')
  if (parts.length > threads) {
    throw new RangeError(
      `\`plan\` returned ${parts.length} parts, but only ${threads} can run at once here: make at most \`context.threads\` of them.`,
    )
  }
  // The rest was checked just now.
  return plan as ShardPlan<unknown, unknown>
}

/** One port with the baggage of each shard, and one with that of `reduce`. */
function pack(parts: readonly unknown[], common: ReduceBaggage): PartOutcome {
  const packed: MessagePort[] = []
  try {
    const reduce = packBaggage('What `plan` shares, or the input,', common)
    packed.push(reduce)
    for (const [index, part] of parts.entries()) {
      packed.push(packBaggage(`Part ${index} of the plan`, { ...common, part } satisfies ShardBaggage))
    }
    return { type: 'planned', shards: packed.slice(1), reduce }
  } catch (error) {
    for (const port of packed) port.close()
    throw error
  }
}

/** A port that holds the value; its other end is not needed any more. */
function packBaggage(what: string, value: unknown): MessagePort {
  const { port1, port2 } = new MessageChannel()
  try {
    putCopy(port1, what, value)
    return port2
  } finally {
    port1.close()
  }
}

function putAnswer(port: MessagePort, index: number, answer: unknown): PartOutcome {
  try {
    putWithBuffers(port, `The answer of shard ${index}`, answer)
    return { type: 'answered' }
  } catch (error) {
    if (error instanceof NotCloneableError) return failed('INVALID_OUTPUT', error.message)
    throw error
  }
}
