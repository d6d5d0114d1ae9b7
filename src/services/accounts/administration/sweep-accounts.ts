import type { Records } from '../../../ports/store.ts'
import { failureMemoryMs } from '../limits/credential-failures.ts'
import type { AccountParts } from '../parts.ts'
import { sessionsTopic } from '../sessions/session-events.ts'

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

/** How many of the newest events of a user's sessions are kept for who was away. */
const keptSessionEvents = 100

/** Events over those are left until there are so many, so that not every event costs a trim. */
const spareSessionEvents = 100

/** How many users' topics one call looks at. */
const usersAtOnce = 200

/**
 * What keeps the records of accounts from growing for ever; call it once a minute. Removes, in small transactions, one-time
 * tokens, counters of failures, sessions, API keys and audit events that are past keeping, and the older events of users' sessions.
 */
export function createAccountsSweep({
  store,
  clock,
  policy,
}: Pick<AccountParts, 'store' | 'clock' | 'policy'>): () => Promise<void> {
  let lastUser: string | null = null

  async function removeAll(purge: (records: Records, limit: number) => Promise<number>): Promise<void> {
    for (let turn = 0; turn < portionsAtOnce; turn += 1) {
      if ((await store.write((records) => purge(records, portion))) < portion) return
    }
  }

  /** Looks at the topics of the next so many users, newest first, and then from the start again. */
  async function trimSessionEvents(): Promise<void> {
    const page = { search: null, before: lastUser, limit: usersAtOnce }
    const { users, heads } = await store.read(async ({ accounts, log }) => {
      const found = await accounts.listUsers(page)
      return { users: found, heads: await log.heads(found.map(({ id }) => sessionsTopic(id))) }
    })
    lastUser = users.length < usersAtOnce ? null : (users.at(-1)?.id ?? null)
    for (const [topic, { offset, oldest }] of heads) {
      if (offset - oldest < keptSessionEvents + spareSessionEvents) continue
      await store.write(({ log }) => log.trim(topic, offset - keptSessionEvents))
    }
  }

  return async () => {
    const now = clock.now()
    await removeAll(({ oneTimeTokens }, limit) => oneTimeTokens.purge(now - expiredTokensKeptMs, limit))
    await removeAll(({ attempts }, limit) => attempts.purge(now - failureMemoryMs, limit))
    await removeAll(({ accounts }, limit) => accounts.purgeSessions(now - endedSessionsKeptMs, limit))
    await removeAll(({ apiKeys }, limit) => apiKeys.purge(now - endedApiKeysKeptMs, limit))
    await removeAll(({ audit }, limit) => audit.purge(now - policy.auditKeepMs, limit))
    await trimSessionEvents()
  }
}
