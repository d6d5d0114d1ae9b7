import type { JobErrorCode } from '../../core/job.ts'
import type { TaskContext } from '../../core/task.ts'
import type { TaskDefinition } from '../../task.ts'
import type { ThreadOutcome } from '../messages.ts'
import { NotJsonError, toJsonText } from './json-text.ts'
import { cut, textOfError } from './text-of-error.ts'
import { textOfIssues } from './text-of-issues.ts'

/** The largest output, in bytes of JSON: what is larger belongs into a file. */
const maxOutputBytes = 8 * 2 ** 20

/**
 * Runs a task on an input and says how it ended, never rejecting: the input is parsed by the task's own schema, and so is
 * the output, which must also survive being kept as JSON. `finish` is awaited between the two.
 */
export async function outcomeOf(
  task: TaskDefinition,
  input: unknown,
  context: TaskContext,
  finish: () => Promise<void>,
): Promise<ThreadOutcome> {
  try {
    const parsed = await task.input.safeParseAsync(input)
    if (!parsed.success) return failed('TASK_ERROR', `The input is not valid. ${textOfIssues(parsed.error)}`)
    // The job may have been cancelled while its thread came up.
    context.throwIfCancelled()
    const output = await task.run(parsed.data, context)
    await finish()
    return await outcomeOfOutput(task, output)
  } catch (error) {
    return failed('TASK_ERROR', textOfError(error))
  }
}

async function outcomeOfOutput(task: TaskDefinition, output: unknown): Promise<ThreadOutcome> {
  try {
    const parsed = await task.output.safeParseAsync(output)
    if (!parsed.success)
      return failed('INVALID_OUTPUT', `The output does not fit the task's schema. ${textOfIssues(parsed.error)}`)
    const json = toJsonText(parsed.data)
    const bytes = Buffer.byteLength(json)
    if (bytes <= maxOutputBytes) return { type: 'succeeded', json }
    return failed('INVALID_OUTPUT', `The output has ${bytes} bytes of JSON; at most ${maxOutputBytes} are kept.`)
  } catch (error) {
    const text = textOfError(error)
    return failed('INVALID_OUTPUT', error instanceof NotJsonError ? `The output cannot be kept as JSON. ${text}` : text)
  }
}

export function failed(code: JobErrorCode, message: string): ThreadOutcome {
  return { type: 'failed', code, message: cut(message, 2_000) }
}
