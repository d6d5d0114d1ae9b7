import type { DataFolder } from '../adapters/local/data-folder.ts'
import { installationOf } from '../adapters/local/installation.ts'
import { localBus } from '../adapters/local/local-bus.ts'
import { localMembers } from '../adapters/local/local-members.ts'
import { localOpenCounts } from '../adapters/local/local-open-counts.ts'
import { openMemoryRateLimiter } from '../adapters/local/memory-rate-limiter.ts'
import { openRedis, type RedisOptions } from '../adapters/redis/open-redis.ts'
import { redisBus } from '../adapters/redis/redis-bus.ts'
import { redisOpenRateLimiter } from '../adapters/redis/redis-rate-limiter.ts'
import { createIpcBus } from '../cluster/ipc-bus.ts'
import type { LineState } from '../cluster/line-state.ts'
import type { Peer } from '../cluster/peer.ts'
import { createIpcCounts } from '../cluster/shared/ipc-counts.ts'
import { createIpcLimiters } from '../cluster/shared/ipc-limiters.ts'
import { createIpcMembers } from '../cluster/shared/ipc-members.ts'
import { createIpcTurns } from '../cluster/shared/ipc-turns.ts'
import type { Config } from '../config.ts'
import type { BusStatus, ClusterStatus } from '../core/cluster.ts'
import { newId } from '../core/ids.ts'
import { createTurns } from '../core/turns.ts'
import type { Bus } from '../ports/bus.ts'
import type { ClusterView } from '../ports/cluster-view.ts'
import type { Logger } from '../ports/logger.ts'
import type { Members } from '../ports/members.ts'
import type { OpenCounts } from '../ports/open-counts.ts'
import type { OpenRateLimiter } from '../ports/rate-limiter.ts'
import type { Store } from '../ports/store.ts'
import type { Turns } from '../ports/turns.ts'

/** What a server has around it: the other processes that work on its store, or their absence. Closed with the server. */
export interface Surroundings extends AsyncDisposable {
  /** The node under which this process runs jobs. */
  readonly nodeId: string
  readonly bus: Bus
  readonly busKind: BusStatus['kind']
  readonly openLimiter: OpenRateLimiter
  readonly counts: OpenCounts
  readonly turns: Turns
  readonly members: Members
  /** `null` where there is no supervisor: the server itself is all there is to tell of. */
  readonly cluster: ClusterView | null
}

/** What surroundings are made for. */
export interface SurroundingsParts {
  readonly store: Store
  readonly logger: Logger
  readonly folder: Pick<DataFolder, 'database'>
  /** The root secret. */
  readonly secret: string
}

/** Where a server is to live. */
export interface Place {
  /** Whether it is the only process that uses the data folder: it locks it, and what others left there is litter. */
  readonly isAlone: boolean
  /** Whether it sweeps up what one process is to sweep up for all. */
  readonly isFirst: boolean
  /** Once the store is open. Throws a `RedisError` where there is a Redis that cannot be used. */
  surround(parts: SurroundingsParts): Promise<Surroundings>
}

/** The place of a server that is alone on its data folder. */
export function alone({ redisUrl }: Pick<Config, 'redisUrl'>): Place {
  return {
    isAlone: true,
    isFirst: true,
    async surround(parts) {
      const { store, folder } = parts
      const name = () => installationOf({ storeId: store.id, database: folder.database })
      const carrier =
        redisUrl === null ? carryHere(parts) : await carryOverRedis(redisUrl, parts, { installation: await name() })
      return {
        ...carrier,
        nodeId: newId('node'),
        counts: localOpenCounts(),
        turns: createTurns(),
        members: localMembers(),
        cluster: null,
      }
    },
  }
}

/** A member's line to its primary. */
export interface Membership {
  /** Its place in the cluster, counted from 1. */
  readonly number: number
  readonly nodeId: string
  /** What the primary calls the installation in Redis. */
  readonly installation: string
  readonly peer: Peer
  readonly line: LineState
}

/** How long the primary may take to tell of all members, in ms. */
const statusMs = 2_000

/** The place of a server that is a member of a cluster: what it shares with the others, the primary has for all of them. */
export function among(membership: Membership, { redisUrl }: Pick<Config, 'redisUrl'>): Place {
  const { nodeId, installation, peer, line } = membership
  return {
    isAlone: false,
    isFirst: membership.number === 1,
    async surround(parts) {
      const { logger } = parts
      const carrier =
        redisUrl === null
          ? carryOverPrimary(membership, parts)
          : await carryOverRedis(redisUrl, parts, { installation, mayBeAway: true })
      return {
        ...carrier,
        nodeId,
        counts: createIpcCounts({ peer, line, logger, here: localOpenCounts() }),
        turns: createIpcTurns({ peer }),
        members: createIpcMembers({ peer, number: membership.number, here: localMembers() }),
        cluster: {
          // What the supervisor of the same program answers.
          status: async () => (await peer.request('cluster.status', null, { deadlineMs: statusMs })) as ClusterStatus,
        },
      }
    },
  }
}

/** What carries messages and counts attempts between processes. */
export type Carrier = Pick<Surroundings, 'bus' | 'busKind' | 'openLimiter'> & AsyncDisposable

function carryHere({ logger }: SurroundingsParts): Carrier {
  const bus = localBus(logger)
  return {
    bus,
    busKind: 'local',
    openLimiter: openMemoryRateLimiter,
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}

function carryOverPrimary({ peer, line }: Membership, { logger }: SurroundingsParts): Carrier {
  const bus = createIpcBus({ peer, line, logger })
  const openLimiter = createIpcLimiters({ peer, line, logger, openHere: openMemoryRateLimiter })
  return { bus, busKind: 'ipc', openLimiter, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() }
}

export interface CarrierOptions extends RedisOptions {
  /** The name under which its processes meet. */
  readonly installation: string
}

/** Carries by a Redis. Throws a `RedisError` where it cannot be used. */
export async function carryOverRedis(
  url: string,
  { secret, logger }: Pick<SurroundingsParts, 'secret' | 'logger'>,
  { installation, ...options }: CarrierOptions,
): Promise<Carrier> {
  await using opened = new AsyncDisposableStack()
  const redis = opened.use(await openRedis(url, options))
  const bus = opened.use(await redisBus({ redis, installation, secret, logger }))
  const openLimiter = redisOpenRateLimiter({ redis, installation, secret, fallback: openMemoryRateLimiter })
  const resources = opened.move()
  return { bus, busKind: 'redis', openLimiter, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
