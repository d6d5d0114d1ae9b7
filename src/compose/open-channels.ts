import type { ChannelsConfig } from '../settings/channel-settings.ts'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Meter } from '../ports/meter.ts'
import type { OpenRateLimiter } from '../ports/rate-limiter.ts'
import type { Store } from '../ports/store.ts'
import type { Services } from '../resolvers/context.ts'
import { createAudit } from '../services/accounts/audit/audit.ts'
import { createChannels } from '../services/channels/channels.ts'
import { createNoticeBoard } from '../services/channels/notices.ts'
import { publishingLimits } from '../services/channels/publishing-limits.ts'
import { createChannelsSweep } from '../services/channels/sweep-channels.ts'
import { startUpkeep } from '../services/operations/upkeep.ts'
import type { Hub } from '../services/streams/stream.ts'

export interface ChannelsFoundation {
  readonly store: Store
  readonly hub: Hub
  readonly clock: Clock
  readonly logger: Logger
  readonly openLimiter: OpenRateLimiter
  readonly figures: Meter
}

/** What a server has to do with channels and notices. */
export interface OpenChannels extends AsyncDisposable {
  readonly services: Pick<Services, 'channels' | 'notices'>
}

/** Composes all about channels. */
export function openChannels(config: ChannelsConfig, foundation: ChannelsFoundation): OpenChannels {
  const { store, hub, clock, logger, openLimiter, figures } = foundation
  const limits = publishingLimits(config)
  const limiters = {
    byUser: openLimiter('publishing by user', limits.byUser),
    byChannel: openLimiter('publishing by channel', limits.byChannel),
    bytesByUser: openLimiter('published bytes by user', limits.bytesByUser),
    begunByUser: openLimiter('channels begun by user', limits.begunByUser),
  }
  const { table, maxBytes } = config
  const upkeep = startUpkeep(
    { 'idempotency keys and notices that are over': createChannelsSweep({ store, clock }) },
    logger,
  )
  return {
    services: {
      channels: createChannels({ store, hub, clock, table, limiters, maxBytes }),
      notices: createNoticeBoard({ store, hub, clock, audit: createAudit(clock, figures), limiters }),
    },
    [Symbol.asyncDispose]: () => upkeep[Symbol.asyncDispose](),
  }
}
