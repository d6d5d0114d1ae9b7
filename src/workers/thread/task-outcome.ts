import type { JobErrorCode } from '../../core/job.ts'
import type { PlainTask, TaskContext } from '../../core/task.ts'
import { maxValueBytes } from '../../core/value-limits.ts'
import type { TaskDefinition } from '../../task.ts'
import type { PartOutcome } from '../messages.ts'
import { NotJsonError, toJsonText } from './json-text.ts'
import { cut, maxErrorLength, textOfError } from './text-of-error.ts'
import { textOfIssues } from './text-of-issues.ts'

/**
 * Runs a plain task on an input and says how it ended, never rejecting: the input is parsed by the task's own schema, and so
 * is the output, which must also survive being kept as JSON. `sent` is awaited between the two.
 */
export function outcomeOf(
  task: PlainTask,
  input: unknown,
  context: TaskContext,
  sent: () => Promise<void>,
): Promise<PartOutcome> {
  return settle(async () => {
    const output = await task.run(await parseInput(task, input, context), context)
    await sent()
    return outcomeOfOutput(task, output)
  })
}

/** What was made, or how the task failed. Never rejects. */
export async function settle(make: () => Promise<PartOutcome>): Promise<PartOutcome> {
  try {
    return await make()
  } catch (error) {
    return failed('TASK_ERROR', textOfError(error))
  }
}

/** The input as the task's schema has it. Rejects with what is wrong with it, or when the job is to stop. */
export async function parseInput(task: TaskDefinition, input: unknown, context: TaskContext): Promise<unknown> {
  const parsed = await task.input.safeParseAsync(input)
  if (!parsed.success) throw new Error(`The input is not valid. ${textOfIssues(parsed.error)}`)
  // The job may have been cancelled while its thread came up.
  context.throwIfCancelled()
  return parsed.data
}

/** The end of a task that returned the output. Never rejects. */
export async function outcomeOfOutput(task: TaskDefinition, output: unknown): Promise<PartOutcome> {
  try {
    const parsed = await task.output.safeParseAsync(output)
    if (!parsed.success)
      return failed('INVALID_OUTPUT', `The output does not fit the task's schema. ${textOfIssues(parsed.error)}`)
    const json = toJsonText(parsed.data)
    const bytes = Buffer.byteLength(json)
    if (bytes <= maxValueBytes) return { type: 'succeeded', json }
    return failed('INVALID_OUTPUT', `The output has ${bytes} bytes of JSON; at most ${maxValueBytes} are kept.`)
  } catch (error) {
    const text = textOfError(error)
    return failed('INVALID_OUTPUT', error instanceof NotJsonError ? `The output cannot be kept as JSON. ${text}` : text)
  }
}

export function failed(code: JobErrorCode, message: string): PartOutcome {
  return { type: 'failed', code, message: cut(message, maxErrorLength) }
}
