import type { AttemptOutcome } from '../../ports/compute-pool.ts'

/** What became of an attempt whose thread ended without saying how it went; `death` is what the pool was told. */
export function outcomeOfDeath(death: unknown): AttemptOutcome {
  if (death instanceof Error && 'code' in death && death.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return {
      type: 'failed',
      error: { code: 'OUT_OF_MEMORY', message: 'The task needed more memory than its thread may have.' },
    }
  }
  const why = death instanceof Error ? death.message : 'it gave no answer'
  return { type: 'lost', message: `The thread that ran the task ended: ${why}` }
}
