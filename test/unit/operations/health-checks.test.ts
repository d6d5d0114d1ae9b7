import { describe, expect, it } from 'vitest'
import { healthChecks, type HealthSources } from '../../../src/services/operations/health-checks.ts'

const mebibyte = 2 ** 20

const sources: HealthSources = {
  // Asked for one setting and nothing else.
  store: { read: async () => 'store' as never },
  storeLatency: { readWrites: () => 1_000 },
  redis: { isLive: true },
  pool: () => ({ threads: 4, up: 4, busy: 2, zombies: 0 }),
  disk: { freeBytes: async () => 1_000 * mebibyte },
  diskFreeBytes: 512 * mebibyte,
  shedding: () => ({ pressure: 0 }),
}

/** What each check says, by its name. */
async function look(changed: Partial<HealthSources> = {}): Promise<Record<string, string>> {
  const checks = Object.entries(healthChecks({ ...sources, ...changed }))
  const { signal } = new AbortController()
  const found = await Promise.all(checks.map(async ([name, check]) => [name, (await check(signal)).status] as const))
  return Object.fromEntries(found)
}

const pool = (changed: Partial<ReturnType<HealthSources['pool']>>) => ({
  pool: () => ({ ...sources.pool(), ...changed }),
})
const disk = (freeBytes: number) => ({ disk: { freeBytes: async () => freeBytes } })

describe('what a server needs', () => {
  it('is well where all is well', async () => {
    expect(await look()).toEqual({ store: 'ok', redis: 'ok', pool: 'ok', disk: 'ok', load: 'ok' })
  })

  it('is not looked at where it is not there', async () => {
    expect(Object.keys(await look({ redis: null, shedding: null }))).toEqual(['store', 'pool', 'disk'])
  })

  it.each([
    ['a database that is read and not written', { storeLatency: { readWrites: () => 1_001 } }, { store: 'degraded' }],
    ['a Redis that is away', { redis: { isLive: false } }, { redis: 'degraded' }],
    ['one thread of four that is held', pool({ zombies: 1 }), { pool: 'ok' }],
    ['half of the threads held', pool({ zombies: 2 }), { pool: 'degraded' }],
    ['all threads held', pool({ zombies: 4 }), { pool: 'failed' }],
    ['no thread while nothing runs', pool({ up: 0, busy: 0 }), { pool: 'degraded' }],
    ['no thread although some should run', pool({ up: 0, busy: 1 }), { pool: 'failed' }],
    ['as much on the disk as is wanted', disk(512 * mebibyte), { disk: 'ok' }],
    ['less on the disk', disk(512 * mebibyte - 1), { disk: 'degraded' }],
    ['next to nothing on the disk', disk(16 * mebibyte - 1), { disk: 'failed' }],
    ['next to nothing on the disk where nothing is wanted', { ...disk(1), diskFreeBytes: 0 }, { disk: 'failed' }],
    ['work that is refused', { shedding: () => ({ pressure: 0.01 }) }, { load: 'degraded' }],
  ])('judges %s', async (_, changed, found) => {
    expect(await look(changed)).toMatchObject(found)
  })

  it('rejects for a database that cannot be read and a disk that cannot be looked at', async () => {
    const broken = () => Promise.reject(new Error('/secret/path'))
    const checks = healthChecks({ ...sources, store: { read: broken }, disk: { freeBytes: broken } })
    const { signal } = new AbortController()
    await expect(checks['store']?.(signal)).rejects.toThrow('/secret/path')
    await expect(checks['disk']?.(signal)).rejects.toThrow('/secret/path')
  })
})
