import type { Records } from '../../../ports/store.ts'

/**
 * Makes the open challenges of a user void, in the caller's transaction: what was shown for them (a password that has been
 * changed since, a factor that an administrator took away) counts no more.
 */
export async function voidChallenges({ oneTimeTokens }: Records, userId: string, now: number): Promise<void> {
  await oneTimeTokens.voidAll(userId, 'MFA', now)
  await oneTimeTokens.voidAll(userId, 'STEP_UP', now)
}
