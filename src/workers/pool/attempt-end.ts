import type { AttemptOutcome } from '../../ports/compute-pool.ts'
import { textOfError } from '../thread/text-of-error.ts'
import type { ThreadEnd } from './thread-run.ts'

type WithoutCpu<Outcome> = Outcome extends AttemptOutcome ? Omit<Outcome, 'cpuMs'> : never

/** An `AttemptOutcome` before its CPU time is added up. */
export type AttemptEnd = WithoutCpu<AttemptOutcome>

export const closed: AttemptEnd = { type: 'lost', message: 'The pool was closed.' }

/** What the end of the attempt's last thread makes of the attempt. */
export function attemptEndOf({ outcome, death }: ThreadEnd): AttemptEnd {
  if (outcome === null) return endByDeath(death)
  if (outcome.type === 'succeeded') return outcome
  if (outcome.type === 'failed') return { type: 'failed', error: { code: outcome.code, message: outcome.message } }
  return { type: 'lost', message: 'The thread answered what it was not asked.' }
}

/** What became of an attempt whose thread ended without saying how it went; `death` is what the pool was told. */
function endByDeath(death: unknown): AttemptEnd {
  if (death instanceof Error && 'code' in death && death.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return {
      type: 'failed',
      error: { code: 'OUT_OF_MEMORY', message: 'The task needed more memory than its thread may have.' },
    }
  }
  const why = death instanceof Error ? textOfError(death) : 'it gave no answer'
  return { type: 'lost', message: `The thread that ran the task ended: ${why}` }
}
