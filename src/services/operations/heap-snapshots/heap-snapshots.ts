import type { Clock } from '../../../core/clock.ts'
import { InvalidInputError, NotFoundError, Refusal } from '../../../core/errors.ts'
import type { HeapSnapshot } from '../../../core/heap-snapshot.ts'
import type { Principal } from '../../../core/principal.ts'
import type { HeapSnapshots, OpenHeapSnapshot } from '../../../ports/heap-snapshots.ts'
import { MemberError, type Members } from '../../../ports/members.ts'
import type { RateLimit, RateLimiter } from '../../../ports/rate-limiter.ts'
import type { Store } from '../../../ports/store.ts'
import {
  assertAdministrator,
  assertMayAdminister,
  assertMayChange,
} from '../../accounts/administration/administrator.ts'
import type { Audit, AuditFacts } from '../../accounts/audit/audit.ts'
import type { ClientInfo } from '../../accounts/client-info.ts'
import { sessionOf } from '../../accounts/session-of.ts'
import { longestPauseMs, refusalOf, type SnapshotOutcome } from './take-snapshot.ts'

/**
 * Heap snapshots for administrators. One holds all secrets that were in memory: what lists them asks for the scope `admin`, all else for an
 * administrator in a session who has shown their factors within five minutes, and is written to the audit log. All throw
 * `UNAUTHENTICATED`, `SESSION_REVOKED`, `INSUFFICIENT_SCOPE`; all but `list` `FORBIDDEN` for API keys, `STEP_UP_REQUIRED` and
 * `RateLimitedError`.
 */
export interface HeapSnapshotService {
  /**
   * Has a process take one. Throws `SNAPSHOT_REFUSED`, whose detail `estimate` tells what one would cost, where none can be taken or it
   * would take longer than was said; an `InvalidInputError`; a `NotFoundError` for a process that does not serve.
   */
  capture(by: Principal, wish: SnapshotWish, client: ClientInfo): Promise<HeapSnapshot>
  /** Newest first. */
  list(principal: Principal): Promise<readonly HeapSnapshot[]>
  /** Throws a `NotFoundError` where there is none. */
  remove(by: Principal, id: string, client: ClientInfo): Promise<void>
  /** `null` where there is none. Not written to the audit log: the bytes are not told. */
  find(by: Principal, id: string): Promise<HeapSnapshot | null>
  /** The bytes, to be read or destroyed; `null` where there are none. */
  open(by: Principal, id: string, client: ClientInfo): Promise<OpenHeapSnapshot | null>
}

export interface SnapshotWish {
  /** The place of the process; `null`: of this one. */
  readonly member: number | null
  /** The thread for tasks whose heap it is to be; `null`: that of the main thread. */
  readonly threadId: number | null
  /** For how long the thread may stand still, in ms; `null`: it is only to be told how long that would be. */
  readonly maxPauseMs: number | null
}

export interface HeapSnapshotServiceOptions {
  readonly store: Store
  readonly clock: Clock
  readonly audit: Audit
  /** Of what one user asks for. */
  readonly limiter: RateLimiter
  readonly snapshots: HeapSnapshots
  readonly members: Pick<Members, 'number' | 'ask'>
}

/** How often one user may ask for something about them. */
export const heapSnapshotLimit: RateLimit = { attempts: 30, seconds: 60 }

/** How long a process may take at least to answer that it takes none, in ms. */
const answerMs = 30_000
/** How long a thread for tasks may take to come to it, in ms. */
const threadAnswerMs = 60_000

export function createHeapSnapshotService(options: HeapSnapshotServiceOptions): HeapSnapshotService {
  const { store, clock, audit, limiter, snapshots, members } = options

  /** Lets in an administrator in person. */
  async function admit(by: Principal): Promise<void> {
    const { userId } = sessionOf(by)
    assertMayChange(by)
    await limiter.consume(userId)
    await store.write((records) => assertAdministrator(records, by, clock.now()))
  }

  async function writeDown(facts: Pick<AuditFacts, 'event' | 'by' | 'client' | 'details'>): Promise<void> {
    await store.write((records) => audit(records, { ...facts, subjectId: null }))
  }

  return {
    async capture(by, wish, client) {
      await admit(by)
      const { member, ...asked } = readWish(wish, members.number)
      const outcome = await ask(members, member, asked)
      if (outcome.kind === 'refused') throw refusalOf(outcome)
      const { id: snapshotId, sizeBytes } = outcome.snapshot
      const details = { snapshotId, member, sizeBytes, ...(asked.threadId !== null && { threadId: asked.threadId }) }
      await writeDown({ event: 'HEAP_SNAPSHOT_TAKEN', by, client, details })
      return outcome.snapshot
    },

    async list(principal) {
      assertMayAdminister(principal)
      return snapshots.list()
    },

    async remove(by, id, client) {
      await admit(by)
      if (!(await snapshots.remove(id))) throw new NotFoundError('heap snapshot')
      await writeDown({ event: 'HEAP_SNAPSHOT_DELETED', by, client, details: { snapshotId: id } })
    },

    async find(by, id) {
      await admit(by)
      return snapshots.find(id)
    },

    async open(by, id, client) {
      await admit(by)
      const opened = await snapshots.open(id)
      if (opened === null) return null
      try {
        await writeDown({ event: 'HEAP_SNAPSHOT_FETCHED', by, client, details: { snapshotId: id } })
        return opened
      } catch (error) {
        opened.source.destroy()
        throw error
      }
    },
  }
}

function readWish({ member, threadId, maxPauseMs }: SnapshotWish, own: number) {
  if (threadId !== null && threadId < 1) {
    throw new InvalidInputError([{ path: ['thread'], message: 'Must be the number of a thread for tasks.' }])
  }
  if (maxPauseMs !== null && !(maxPauseMs >= 1 && maxPauseMs <= longestPauseMs)) {
    const sentence = `Must be 1 to ${longestPauseMs} ms.`
    throw new InvalidInputError([{ path: ['maxPauseMs'], message: sentence }])
  }
  return { member: member ?? own, threadId, maxPauseMs }
}

/**
 * For how long it is waited for one at most, in ms: it takes longer than it may where the estimate was wrong, and a thread for tasks may
 * compute first.
 */
export function snapshotWaitMs({ threadId, maxPauseMs }: Omit<SnapshotWish, 'member'>): number {
  const leastMs = threadId === null ? answerMs : answerMs + threadAnswerMs
  return Math.min(longestPauseMs, leastMs + 3 * Math.max(0, maxPauseMs ?? 0))
}

/** Asks the process. */
async function ask(
  members: Pick<Members, 'ask'>,
  member: number,
  wish: Omit<SnapshotWish, 'member'>,
): Promise<SnapshotOutcome> {
  try {
    // What it answers was said by the same program, after it has looked at what it was asked.
    return (await members.ask(member, 'snapshot', wish, snapshotWaitMs(wish))) as SnapshotOutcome
  } catch (error) {
    if (!(error instanceof MemberError)) throw error
    if (error.code === 'NOT_THERE') throw new NotFoundError('process')
    const late = 'The process did not answer in time: a heap snapshot of it may be under way. See heapSnapshots.'
    const message = error.code === 'TIMED_OUT' ? late : error.message
    throw new Refusal('SNAPSHOT_REFUSED', message, { estimate: null })
  }
}
