import { localOpenCounts } from './adapters/local/local-open-counts.ts'
import { openMemoryRateLimiter } from './adapters/local/memory-rate-limiter.ts'
import { createBusRouter } from './cluster/bus/bus-router.ts'
import type { Peer } from './cluster/peer.ts'
import { createCountDesk } from './cluster/shared/count-desk.ts'
import { createLimitDesk } from './cluster/shared/limit-desk.ts'
import { createTurnDesk } from './cluster/shared/turn-desk.ts'
import type { Bus } from './ports/bus.ts'
import type { Logger } from './ports/logger.ts'

/** What a primary has for its members. */
export interface PrimaryDesks {
  /** The primary's own end of the bus. */
  readonly bus: Bus
  /** Serves a member until its line closes. To be called before the member's first message is read. */
  join(peer: Peer): void
}

/** Passes messages on between members, and counts and gives turns for all of them. */
export function openPrimaryDesks(logger: Logger): PrimaryDesks {
  const router = createBusRouter(logger)
  const desks = [router, createLimitDesk(openMemoryRateLimiter), createCountDesk(localOpenCounts()), createTurnDesk()]
  return {
    bus: router.bus,
    join(peer) {
      for (const desk of desks) desk.join(peer)
    },
  }
}
