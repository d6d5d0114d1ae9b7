import { workerData } from 'node:worker_threads'
import { TaskFileError } from '../ports/compute-pool.ts'
import type { AttemptOrder, DescribeAnswer, DescribeOrder, ThreadData } from './messages.ts'
import { describeTasks } from './thread/describe-tasks.ts'
import { giveWay } from './thread/give-way.ts'
import { governConsole } from './thread/govern-console.ts'
import { keepLinesOpen } from './thread/keep-lines-open.ts'
import { catchLateErrors } from './thread/late-errors.ts'
import { runAttempt } from './thread/run-attempt.ts'
import { hearHeapOrders } from './thread/write-heap.ts'
import { resolveEntries } from './resolve-entries.ts'
import { viewThreadSettings } from './thread-settings.ts'

// The entry of every thread: the pool starts it and calls its exports by name. The main thread never imports it.
// What the pool started the thread with.
const { taskFiles, settings } = workerData as ThreadData

giveWay()
governConsole(console, viewThreadSettings(settings ?? undefined))
resolveEntries('millrace/task')
catchLateErrors()
keepLinesOpen()
hearHeapOrders()

/** As it was before any task was loaded. */
const { exit } = process

/** Loads and describes all tasks. */
export async function describe({ port }: DescribeOrder): Promise<DescribeAnswer> {
  try {
    const tasks = await describeTasks(taskFiles, (file) => port.postMessage(file))
    return { type: 'described', tasks }
  } catch (error) {
    if (error instanceof TaskFileError) return { type: 'invalid', message: error.message }
    throw error
  } finally {
    port.close()
  }
}

/** Runs one part of an attempt; how it went is told on the order's port. */
export async function run(order: AttemptOrder): Promise<void> {
  if ((await runAttempt(order)) === 'clean') return
  // Ending the thread is the one sure end of what a task left running in it. The pool puts a new one in its place.
  exit()
}
