import { maxValueBytes } from '../../core/value-limits.ts'
import type { AttemptOutcome, TaskDescription } from '../../ports/compute-pool.ts'
import type { AttemptEnd } from './settle-attempt.ts'

/** What an outcome of the pool means for the job; `task` is what the job's task is like now. */
export function toAttemptEnd(outcome: AttemptOutcome, handingBack: boolean, task: TaskDescription | null): AttemptEnd {
  switch (outcome.type) {
    case 'succeeded':
      return toSuccess(outcome.json, task)
    case 'failed':
      return { type: 'failed', error: outcome.error, retries: task?.retries ?? null }
    case 'cancelled':
      return handingBack ? { type: 'handedBack' } : { type: 'stopped' }
    case 'lost':
      return handingBack ? { type: 'handedBack' } : { type: 'lost', message: outcome.message }
  }
}

function toSuccess(outputJson: string, task: TaskDescription | null): AttemptEnd {
  const bytes = Buffer.byteLength(outputJson)
  if (bytes <= maxValueBytes) return { type: 'succeeded', outputJson, memoizeForMs: task?.memoizeForMs ?? null }
  const message = `The output has ${bytes} bytes of JSON, more than the ${maxValueBytes} that are allowed.`
  return { type: 'failed', error: { code: 'INVALID_OUTPUT', message }, retries: null }
}
