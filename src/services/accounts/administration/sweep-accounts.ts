import type { Records } from '../../../ports/store.ts'
import { failureMemoryMs } from '../limits/credential-failures.ts'
import type { AccountParts } from '../parts.ts'

const day = 24 * 60 * 60 * 1000

/** For so long a session that has ended can still be told from one that never was. */
const endedSessionsKeptMs = 30 * day

/** For so long an API key that has ended can still be told from one that never was. */
const endedApiKeysKeptMs = 30 * day

/** For so long a one-time token that has expired can still be told from one that never was. */
const expiredTokensKeptMs = day

/** How much one transaction removes at most: it holds up every other writer. */
const portion = 500

/** How much one call removes of one kind at most; the rest waits for the next. */
const portionsAtOnce = 20

/**
 * What keeps the records of accounts from growing for ever; call it once a minute. Removes, in small transactions, one-time
 * tokens, counters of failures, sessions, API keys and audit events that are past keeping.
 */
export function createAccountsSweep({
  store,
  clock,
  policy,
}: Pick<AccountParts, 'store' | 'clock' | 'policy'>): () => Promise<void> {
  async function removeAll(purge: (records: Records, limit: number) => Promise<number>): Promise<void> {
    for (let turn = 0; turn < portionsAtOnce; turn += 1) {
      if ((await store.write((records) => purge(records, portion))) < portion) return
    }
  }

  return async () => {
    const now = clock.now()
    await removeAll(({ oneTimeTokens }, limit) => oneTimeTokens.purge(now - expiredTokensKeptMs, limit))
    await removeAll(({ attempts }, limit) => attempts.purge(now - failureMemoryMs, limit))
    await removeAll(({ accounts }, limit) => accounts.purgeSessions(now - endedSessionsKeptMs, limit))
    await removeAll(({ apiKeys }, limit) => apiKeys.purge(now - endedApiKeysKeptMs, limit))
    await removeAll(({ audit }, limit) => audit.purge(now - policy.auditKeepMs, limit))
  }
}
