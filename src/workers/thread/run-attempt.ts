import { AsyncLocalStorage } from 'node:async_hooks'
import { threadId } from 'node:worker_threads'
import type { TaskDefinition } from '../../task.ts'
import type { AttemptOrder, FromThread, PartOutcome, ToThread } from '../messages.ts'
import { portsOf } from '../ports-of.ts'
import { createAttemptContext, type AttemptContext } from './attempt-context.ts'
import { countTimers, hasMoreTimers } from './leftovers.ts'
import { loadTask } from './load-task.ts'
import { outcomeOfPlan, outcomeOfReduce, outcomeOfShard } from './sharded-outcome.ts'
import { failed, outcomeOf } from './task-outcome.ts'
import { textOfError } from './text-of-error.ts'

/** An attempt as the errors know it that its code throws outside of `run`, from a timer or a forgotten promise. */
export interface RunningAttempt {
  readonly jobId: string
  /** Ends the attempt with that error. `false` when it has ended already. */
  crash(error: unknown): boolean
}

/** Which attempt the running code belongs to, through awaits, timers and callbacks. */
export const runningAttempt = new AsyncLocalStorage<RunningAttempt>()

/**
 * Runs one part of an attempt and tells the main thread of it over the order's port, `ended` last. Answers whether the thread
 * is still clean; one where code of the attempt is or may be left running must be ended.
 */
export async function runAttempt(order: AttemptOrder): Promise<'clean' | 'unclean'> {
  const { port, request } = order
  const cpuBefore = process.threadCpuUsage()
  const post = (message: FromThread): void => port.postMessage(message)
  const end = (outcome: PartOutcome): void => {
    const { user, system } = process.threadCpuUsage(cpuBefore)
    const ended: FromThread = { type: 'ended', outcome, cpuMs: (user + system) / 1_000 }
    port.postMessage(ended, outcome.type === 'planned' ? [...outcome.shards, outcome.reduce] : [])
    for (const each of [port, ...portsOf(order.part)]) each.close()
  }
  const crashed = Promise.withResolvers<PartOutcome>()
  let ended = false
  const attempt: RunningAttempt = {
    jobId: request.job.id,
    crash(error) {
      if (ended) return false
      crashed.resolve(failed('TASK_ERROR', textOfError(error)))
      return true
    },
  }
  return runningAttempt.run(attempt, async () => {
    const task = await loadFor(order, post)
    if (task === null) {
      end(failed('TASK_ERROR', 'The task cannot be loaded any more; the server has logged why.'))
      return 'clean'
    }
    const timersBefore = countTimers()
    const steering = createAttemptContext(task, order, post)
    port.on('message', (message: ToThread) => steering.hear(message))
    post({ type: 'started', threadId })
    const hasCrashed = crashed.promise.then((outcome) => ({ outcome, clean: false }))
    const ran = runPart(task, order, steering).then((outcome) => ({ outcome, clean: true }))
    const { outcome, clean } = await Promise.race([ran, hasCrashed])
    ended = true
    steering.close()
    end(outcome)
    return clean && !steering.files.isWriting && !(await hasMoreTimers(timersBefore)) ? 'clean' : 'unclean'
  })
}

/** The task of the order, or `null` after saying why there is none. */
async function loadFor(order: AttemptOrder, post: (message: FromThread) => void): Promise<TaskDefinition | null> {
  const { task: name } = order.request
  try {
    const task = await loadTask(order.file)
    if (task.name === name && 'shards' in task === (order.part.type !== 'run')) return task
    const now = task.name === name ? 'another kind of task' : `the task \`${task.name}\`, not \`${name}\``
    post({ type: 'unloadable', message: `${order.file} now holds ${now}: start again.` })
  } catch (error) {
    post({ type: 'unloadable', message: textOfError(error) })
  }
  return null
}

function runPart(task: TaskDefinition, order: AttemptOrder, steering: AttemptContext): Promise<PartOutcome> {
  const { part, request } = order
  if (!('shards' in task)) return outcomeOf(task, request.input, steering.context, steering.sent)
  switch (part.type) {
    case 'shard':
      return outcomeOfShard(task, part, steering)
    case 'reduce':
      return outcomeOfReduce(task, part, steering)
    case 'plan':
      return outcomeOfPlan(task, request.input, part.threads, steering)
    case 'run':
      // `loadFor` has compared the order with the task.
      throw new TypeError(`The task ${task.name} runs in shards.`)
  }
}
