import type { Clock } from '../../../core/clock.ts'
import { RateLimitedError } from '../../../core/errors.ts'
import { sha256 } from '../../../core/secrets.ts'
import type { AttemptCount } from '../../../ports/accounts/attempt-counters.ts'
import type { Records, Store } from '../../../ports/store.ts'

/** Whose failures are counted: an account, an account as seen from a device, a factor of an account. Any text; it is hashed. */
export type FailureKey = string

/**
 * Counts failed credentials in the store. An attempt counts as failed from its beginning, so that a thousand at once do not
 * all get through; a success takes all of them back.
 */
export interface CredentialFailures {
  /** Begins an attempt. Throws a `RateLimitedError` when the key has to wait, without counting it. */
  begin(key: FailureKey): Promise<void>
  /** The attempt was right: in the transaction of its success. */
  succeed(records: Records, key: FailureKey): Promise<void>
}

const minute = 60_000
const day = 24 * 60 * minute

/** After each so many failures there is a wait, which doubles from 15 minutes on up to a day. */
const stepFailures = 10
const firstWaitMs = 15 * minute

/** No more than that without a success in between (NIST SP 800-63B-4 §3.2.2). */
const maxFailures = 100

/** A key that did not fail for so long is forgotten, but for one that has failed too often. */
export const failureMemoryMs = 30 * day

export function createCredentialFailures(store: Store, clock: Clock): CredentialFailures {
  return {
    async begin(key) {
      const name = sha256(key)
      const now = clock.now()
      const waitMs = await store.write(async ({ attempts }) => {
        const count = await attempts.find(name)
        if (count !== null && count.blockedUntil > now) return count.blockedUntil - now
        await attempts.set(name, afterFailure(count, now))
        return 0
      })
      if (waitMs === 0) return
      const seconds = Math.ceil(waitMs / 1000)
      throw new RateLimitedError(`Too many attempts. Try again in ${seconds} seconds.`, seconds)
    },
    succeed: ({ attempts }, key) => attempts.remove(sha256(key)),
  }
}

function afterFailure(count: AttemptCount | null, now: number): AttemptCount {
  const failures = (count?.failures ?? 0) + 1
  return { failures, lastAt: now, blockedUntil: now + waitAfter(failures) }
}

/** How long to wait after so many failures, in ms. */
function waitAfter(failures: number): number {
  if (failures >= maxFailures) return failureMemoryMs
  if (failures % stepFailures !== 0) return 0
  return Math.min(day, firstWaitMs * 2 ** (failures / stepFailures - 1))
}
