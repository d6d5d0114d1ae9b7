import type { Records } from '../../../ports/store.ts'
import { revoke } from '../sessions/revocations.ts'
import { secondFactorsOf } from './second-factors.ts'

/**
 * Draws the consequences of a factor that the caller's transaction has removed. With the last one go the recovery codes that
 * stood in for it, and the user's sessions count as shown one factor only: where a second one is required, they can do nothing
 * but set up another.
 */
export async function factorRemoved(records: Records, userId: string, now: number): Promise<void> {
  const { methods } = await secondFactorsOf(records, userId)
  if (methods.length > 0) return
  await records.factors.removeRecoveryCodes(userId)
  await records.accounts.lowerAssurance(userId)
  await revoke(records, { kind: 'user', id: userId, ends: false }, now)
}
