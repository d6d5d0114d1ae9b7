import { AsyncLocalStorage } from 'node:async_hooks'
import { threadId } from 'node:worker_threads'
import type { TaskDefinition } from '../../task.ts'
import type { AttemptOrder, FromThread, ThreadOutcome, ToThread } from '../messages.ts'
import { createAttemptContext, type AttemptContext } from './attempt-context.ts'
import { countTimers, hasMoreTimers } from './leftovers.ts'
import { loadTask } from './load-task.ts'
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
 * Runs one attempt and tells the main thread of it over the order's port, `ended` last. Answers whether the thread is still
 * clean; one where code of the attempt is or may be left running must be ended.
 */
export async function runAttempt(order: AttemptOrder): Promise<'clean' | 'unclean'> {
  const { port, request } = order
  const post = (message: FromThread): void => port.postMessage(message)
  const crashed = Promise.withResolvers<ThreadOutcome>()
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
      port.close()
      return 'clean'
    }
    const timersBefore = countTimers()
    const steering = createAttemptContext(task, request, new Int32Array(order.stopFlag), post)
    port.on('message', (message: ToThread) => {
      if (message.type === 'stop') steering.stop()
      else steering.partials.acknowledge()
    })
    post({ type: 'started', threadId })
    const hasCrashed = crashed.promise.then((outcome) => ({ outcome, clean: false }))
    const ran = runTask(task, order, steering).then((outcome) => ({ outcome, clean: true }))
    const { outcome, clean } = await Promise.race([ran, hasCrashed])
    ended = true
    steering.progress.flush()
    steering.close()
    post({ type: 'ended', outcome })
    port.close()
    return clean && !(await hasMoreTimers(timersBefore)) ? 'clean' : 'unclean'
  })
}

/** The task of the order, or `null` after saying why there is none. */
async function loadFor(order: AttemptOrder, post: (message: FromThread) => void): Promise<TaskDefinition | null> {
  const { task: name } = order.request
  try {
    const task = await loadTask(order.file)
    if (task.name === name) return task
    post({
      type: 'unloadable',
      message: `${order.file} now holds the task \`${task.name}\`, not \`${name}\`: start again.`,
    })
  } catch (error) {
    post({ type: 'unloadable', message: textOfError(error) })
  }
  post({
    type: 'ended',
    outcome: failed('TASK_ERROR', 'The task cannot be loaded any more; the server has logged why.'),
  })
  return null
}

async function runTask(task: TaskDefinition, order: AttemptOrder, steering: AttemptContext): Promise<ThreadOutcome> {
  const { context, partials } = steering
  const stopped = new Promise<void>((resolve) => {
    context.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  return outcomeOf(task, order.request.input, context, async () => {
    // Nobody acknowledges partials once the job is to stop.
    await Promise.race([partials.sent(), stopped])
    if (partials.failure !== null) throw partials.failure
  })
}
