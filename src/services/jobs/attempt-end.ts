import type { AttemptOutcome, TaskDescription } from '../../ports/compute-pool.ts'
import { jsonBytes } from './json-bytes.ts'
import type { AttemptEnd } from './settle-attempt.ts'

/** The most bytes of JSON that an output may have; larger results are files. */
const maxOutputBytes = 8 * 2 ** 20

/** What an outcome of the pool means for the job; `task` is what the job's task is like now. */
export function toAttemptEnd(outcome: AttemptOutcome, handingBack: boolean, task: TaskDescription | null): AttemptEnd {
  switch (outcome.type) {
    case 'succeeded':
      return toSuccess(outcome.output, task)
    case 'failed':
      return { type: 'failed', error: outcome.error, retries: task?.retries ?? null }
    case 'cancelled':
      return handingBack ? { type: 'handedBack' } : { type: 'stopped' }
    case 'lost':
      return handingBack ? { type: 'handedBack' } : { type: 'lost', message: outcome.message }
  }
}

function toSuccess(output: unknown, task: TaskDescription | null): AttemptEnd {
  const bytes = jsonBytes(output)
  if (bytes !== null && bytes <= maxOutputBytes) {
    return { type: 'succeeded', output, memoizeForMs: task?.memoizeForMs ?? null }
  }
  const message =
    bytes === null
      ? 'The output is not JSON.'
      : `The output has ${bytes} bytes of JSON, more than the ${maxOutputBytes} that are allowed.`
  return { type: 'failed', error: { code: 'INVALID_OUTPUT', message }, retries: null }
}
