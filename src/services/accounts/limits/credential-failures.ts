import type { Clock } from '../../../core/clock.ts'
import { RateLimitedError } from '../../../core/errors.ts'
import { sha256 } from '../../../core/secrets.ts'
import type { AttemptCount, AttemptCounters } from '../../../ports/accounts/attempt-counters.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { RateLimiter } from '../../../ports/rate-limiter.ts'
import type { Records, Store } from '../../../ports/store.ts'

/** Whose failures are counted: an account, an account as seen from a device, a factor of an account. Any text; it is hashed. */
export type FailureKey = string | { readonly key: string; readonly failuresPerWait: number }

/**
 * Counts failed credentials in the store. An attempt counts as failed from its beginning, so that a thousand at once do not
 * all get through; a success takes all of them back. After each so many failures (10, unless the key says otherwise) there
 * is a wait, which doubles from 15 minutes on up to a day; after 100 there is no further attempt for 30 days.
 */
export interface CredentialFailures {
  /**
   * Begins an attempt, which counts for every key. Throws a `RateLimitedError` when one of them has to wait, without
   * counting it. While the store cannot count, the memory of this process lets a few attempts through.
   */
  begin(...keys: readonly FailureKey[]): Promise<void>
  /** The attempt was right: in the transaction of its success. */
  succeed(records: Records, ...keys: readonly FailureKey[]): Promise<void>
  /** There was no attempt after all, as nothing was checked. */
  withdraw(...keys: readonly FailureKey[]): Promise<void>
}

const minute = 60_000
const day = 24 * 60 * minute

const defaultFailuresPerWait = 10
const firstWaitMs = 15 * minute

/** No more than that without a success in between (NIST SP 800-63B-4 §3.2.2). */
const maxFailures = 100

/** A key that did not fail for so long is forgotten, and so is one that has failed too often. */
export const failureMemoryMs = 30 * day

interface Counter {
  /** As it is stored. */
  readonly name: string
  readonly failuresPerWait: number
}

export interface CredentialFailuresOptions {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  /** What counts while the store does not. */
  readonly withoutStore: RateLimiter
}

export function createCredentialFailures(options: CredentialFailuresOptions): CredentialFailures {
  const { store, clock, logger, withoutStore } = options

  /** How long to wait, in ms; counted when it is 0. */
  function count(counters: readonly Counter[], now: number): Promise<number> {
    return store.write(async ({ attempts }) => {
      const counts = await findAll(attempts, counters)
      const waitMs = Math.max(0, ...counts.map(({ count: before }) => (before?.blockedUntil ?? 0) - now))
      if (waitMs > 0) return waitMs
      for (const { counter, count: before } of counts)
        await attempts.set(counter.name, afterFailure(before, counter, now))
      return 0
    })
  }

  return {
    async begin(...keys) {
      const counters = keys.map(toCounter)
      let waitMs: number
      try {
        waitMs = await count(counters, clock.now())
      } catch (error) {
        logger.error({ err: error }, 'Failed credentials cannot be counted in the store; few attempts are let through.')
        for (const { name } of counters) await withoutStore.consume(name)
        return
      }
      if (waitMs === 0) return
      const seconds = Math.ceil(waitMs / 1000)
      throw new RateLimitedError(`Too many attempts. Try again in ${seconds} seconds.`, seconds)
    },

    async succeed({ attempts }, ...keys) {
      for (const { name } of keys.map(toCounter)) await attempts.remove(name)
    },

    async withdraw(...keys) {
      await store.write(async ({ attempts }) => {
        for (const { counter, count: before } of await findAll(attempts, keys.map(toCounter))) {
          if (before !== null) await attempts.set(counter.name, withoutOne(before, counter))
        }
      })
    },
  }
}

function toCounter(key: FailureKey): Counter {
  if (typeof key === 'string') return { name: sha256(key), failuresPerWait: defaultFailuresPerWait }
  return { name: sha256(key.key), failuresPerWait: key.failuresPerWait }
}

async function findAll(attempts: AttemptCounters, counters: readonly Counter[]) {
  const found: { readonly counter: Counter; readonly count: AttemptCount | null }[] = []
  for (const counter of counters) found.push({ counter, count: await attempts.find(counter.name) })
  return found
}

function afterFailure(count: AttemptCount | null, counter: Counter, now: number): AttemptCount {
  const failures = (count?.failures ?? 0) + 1
  return { failures, lastAt: now, blockedUntil: now + waitAfter(failures, counter) }
}

/** How long to wait after so many failures, in ms. */
function waitAfter(failures: number, { failuresPerWait }: Counter): number {
  if (failures >= maxFailures) return failureMemoryMs
  if (failures % failuresPerWait !== 0) return 0
  return Math.min(day, firstWaitMs * 2 ** (failures / failuresPerWait - 1))
}

/** One failure less, and without the wait that the last one may have set. */
function withoutOne({ failures, lastAt, blockedUntil }: AttemptCount, counter: Counter): AttemptCount {
  const isLast = waitAfter(failures, counter) > 0
  return { failures: Math.max(0, failures - 1), lastAt, blockedUntil: isLast ? 0 : blockedUntil }
}
