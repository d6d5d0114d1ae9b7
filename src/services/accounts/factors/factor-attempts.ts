import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { deviceMemoryMs } from '../entry/entry.ts'
import type { FailureKey } from '../limits/credential-failures.ts'
import type { AccountParts } from '../parts.ts'

/**
 * Begins to try a factor of the account; gives the key for `CredentialFailures.succeed`. A browser that has signed in to the
 * account before is counted by itself, so that nobody who got hold of the password keeps the owner out by guessing codes.
 * Throws a `RateLimitedError` after too many failures.
 */
export async function beginFactorAttempt(
  { store, clock, failures }: Pick<AccountParts, 'store' | 'clock' | 'failures'>,
  userId: string,
  { device }: ClientInfo,
): Promise<FailureKey> {
  const since = clock.now() - deviceMemoryMs
  const isKnown = device !== null && (await store.read(({ devices }) => devices.has(userId, device, since)))
  const key = factorsKey(userId, isKnown ? device : null)
  await failures.begin(key)
  return key
}

/** Forgets the failures of the account's factors, whatever browser they came from; in the caller's transaction. */
export async function forgetFactorFailures(
  { failures }: Pick<AccountParts, 'failures'>,
  records: Records,
  userId: string,
): Promise<void> {
  const known = await records.devices.of(userId)
  await failures.succeed(records, ...[null, ...known].map((device) => factorsKey(userId, device)))
}

/** `null`: any browser that is not known to the account. */
function factorsKey(userId: string, device: string | null): FailureKey {
  return device === null ? `factors ${userId}` : `factors ${userId} ${device}`
}
