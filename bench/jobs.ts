import { interruptSignal } from '../scripts/interrupt.ts'
import { benchCosts } from './jobs/bench-costs.ts'
import { benchRecovery } from './jobs/bench-recovery.ts'
import { benchSaturation } from './jobs/bench-saturation.ts'
import { benchShards } from './jobs/bench-shards.ts'
import { benchSystems } from './jobs/bench-systems.ts'

/** One after another: each has the machine for itself. */
const parts = [benchSystems, benchCosts, benchSaturation, benchShards, benchRecovery]

/** `npm run bench jobs`; says whether all targets were met. An interrupt ends all that was started. */
export async function jobs(): Promise<boolean> {
  const interrupted = interruptSignal()
  const over = new Promise<boolean>((resolve) => interrupted.addEventListener('abort', () => resolve(false)))
  const met: boolean[] = []
  for (const part of parts) {
    await using opened = new AsyncDisposableStack()
    met.push(await Promise.race([part(opened, interrupted), over]))
    if (interrupted.aborted) return false
    console.log()
  }
  return met.every(Boolean)
}
