import { localMembers } from '../adapters/local/local-members.ts'
import { localOpenCounts } from '../adapters/local/local-open-counts.ts'
import { openMemoryRateLimiter } from '../adapters/local/memory-rate-limiter.ts'
import { createBusRouter } from '../cluster/bus/bus-router.ts'
import type { Peer } from '../cluster/peer.ts'
import { createCountDesk } from '../cluster/shared/count-desk.ts'
import { createLimitDesk } from '../cluster/shared/limit-desk.ts'
import { createMembersDesk, type ServingMember } from '../cluster/shared/members-desk.ts'
import { createTurnDesk } from '../cluster/shared/turn-desk.ts'
import type { Bus } from '../ports/bus.ts'
import type { Logger } from '../ports/logger.ts'
import type { Members } from '../ports/members.ts'

/** What a primary has for its members. */
export interface PrimaryDesks {
  /** The primary's own end of the bus. */
  readonly bus: Bus
  /** Has the primary answer what all processes are asked, as number 0. */
  readonly answer: (...answering: Parameters<Members['answer']>) => void
  /** Serves a member until its line closes. To be called before the member's first message is read. */
  join(peer: Peer): void
}

export interface PrimaryDesksOptions {
  readonly logger: Logger
  /** The members that serve at the moment, one for each number. */
  serving(): readonly ServingMember[]
}

/** Passes messages and questions on between members, and counts and gives turns for all of them. */
export function openPrimaryDesks({ logger, serving }: PrimaryDesksOptions): PrimaryDesks {
  const router = createBusRouter(logger)
  const members = createMembersDesk({ serving, here: localMembers(0) })
  const desks = [
    router,
    members,
    createLimitDesk(openMemoryRateLimiter),
    createCountDesk(localOpenCounts()),
    createTurnDesk(),
  ]
  return {
    bus: router.bus,
    answer: (question, handler) => members.answer(question, handler),
    join(peer) {
      for (const desk of desks) desk.join(peer)
    },
  }
}
