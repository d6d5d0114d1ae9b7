import { type Finding, type HealthChecks, wellFinding } from '../../core/health.ts'
import type { SheddingStatus } from '../../core/shedding.ts'
import type { Bus } from '../../ports/bus.ts'
import type { PoolStatistics } from '../../ports/compute-pool.ts'
import type { Store } from '../../ports/store.ts'
import { storeLimitMs } from './shedding/sensors.ts'
import type { StoreLatency } from './shedding/store-latency.ts'

export interface HealthSources {
  readonly store: Pick<Store, 'read'>
  readonly storeLatency: Pick<StoreLatency, 'readWrites'>
  /** `null` where there is no Redis. */
  readonly redis: Pick<Bus, 'isLive'> | null
  pool(): Pick<PoolStatistics, 'threads' | 'up' | 'busy' | 'zombies'>
  readonly disk: { freeBytes(): Promise<number> }
  /** Below so many free bytes the disk is short. */
  readonly diskFreeBytes: number
  /** How load is shed; `null` where nobody sheds any. */
  readonly shedding: (() => Pick<SheddingStatus, 'pressure'>) | null
}

/** What a server needs to be fit for requests. No reason says more than anybody may know. */
export function healthChecks({
  store,
  storeLatency,
  redis,
  pool,
  disk,
  diskFreeBytes,
  shedding,
}: HealthSources): HealthChecks {
  return {
    async store() {
      await store.read(({ settings }) => settings.get('storeId'))
      return judgeWrites(storeLatency.readWrites())
    },
    ...(redis !== null && { redis: async () => judgeRedis(redis.isLive) }),
    pool: async () => judgePool(pool()),
    disk: async () => judgeDisk(await disk.freeBytes(), diskFreeBytes),
    ...(shedding !== null && { load: async () => judgeLoad(shedding().pressure) }),
  }
}

/** Another process that holds the lock keeps all processes from writing alike, and reads go on. */
function judgeWrites(waitMs: number): Finding {
  if (waitMs <= storeLimitMs) return wellFinding
  return { status: 'degraded', reason: 'What is written to the database waits; what is read does not.' }
}

function judgeRedis(isLive: boolean): Finding {
  if (isLive) return wellFinding
  return {
    status: 'degraded',
    reason: 'Redis is away. Events come later, and each process counts rate limits by itself.',
  }
}

function judgePool({ threads, up, busy, zombies }: ReturnType<HealthSources['pool']>): Finding {
  if (zombies >= threads) return { status: 'failed', reason: 'All compute threads are held by native code.' }
  if (up === 0 && busy > 0) return { status: 'failed', reason: 'No compute thread can be started.' }
  if (up === 0) return { status: 'degraded', reason: 'No compute thread is up.' }
  if (2 * zombies < threads) return wellFinding
  return { status: 'degraded', reason: 'Half of the compute threads or more are held by native code.' }
}

/** With less than that on the disk, in bytes, neither a job nor a sign-in can be counted on: 16 MiB, a write-ahead log's worth. */
const leastFreeBytes = 16 * 2 ** 20

function judgeDisk(freeBytes: number, wantedBytes: number): Finding {
  if (freeBytes < leastFreeBytes) return { status: 'failed', reason: 'The disk of the data folder is full.' }
  if (freeBytes >= wantedBytes) return wellFinding
  return { status: 'degraded', reason: 'The disk of the data folder is nearly full.' }
}

function judgeLoad(pressure: number): Finding {
  if (pressure === 0) return wellFinding
  return { status: 'degraded', reason: 'There is more to do than can be done: a part of it is refused.' }
}
