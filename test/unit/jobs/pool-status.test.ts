import { describe, expect, it } from 'vitest'
import { createRecordedDistribution } from '../../../src/core/recorded-distribution.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { claimJobs } from '../../../src/services/jobs/claim-jobs.ts'
import { createPoolStatus } from '../../../src/services/jobs/pool-status.ts'
import { settleAttempt } from '../../../src/services/jobs/settle-attempt.ts'
import { writeJobs } from '../../../src/services/jobs/write-jobs.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { fakePool } from '../../support/fake-pool.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { submit } from './mill-steps.ts'

const admin = somebody({ roles: ['user', 'admin'] })

describe('the status of the pool', () => {
  it('is for administrators whose credential has the scope', async () => {
    await using mill = await openTestMill()
    const queueTimes = createRecordedDistribution()
    const status = createPoolStatus({ pool: fakePool({}), store: mill.store, nodeId: 'node_1', queueTimes })
    await expect(status.read(anonymous)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(status.read({ kind: 'anonymous', refused: 'SESSION_REVOKED' })).rejects.toMatchObject({
      code: 'SESSION_REVOKED',
    })
    await expect(status.read(somebody())).rejects.toMatchObject({ code: 'INSUFFICIENT_SCOPE' })
    await expect(status.read({ ...admin, scopes: ['jobs:read'] })).rejects.toMatchObject({ code: 'INSUFFICIENT_SCOPE' })
    await expect(status.read({ ...admin, roles: ['user'] })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'Only administrators see what the threads are doing.',
    })
  })

  it('tells what the pool tells, how many jobs of everybody wait, and how long the claimed ones waited', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const queueTimes = createRecordedDistribution()
    const pool = fakePool({}, 3)
    const status = createPoolStatus({ pool, store: mill.store, nodeId: 'node_1', queueTimes })
    const claim = claimJobs({ ...mill, nodeId: 'node_1', queueTimes })
    for (let n = 0; n < 3; n += 1) await submit(mill)
    await submit(mill, {}, { delayMs: 1000 })
    clock.advance(200)
    expect(await claim(2)).toHaveLength(2)
    const told = await status.read(admin)
    expect(told).toMatchObject({ ...pool.statistics(), nodeId: 'node_1', threads: 3, queued: 1 })
    expect(told.queue.count).toBe(2)
    expect(Math.abs(told.queue.p50 - 200)).toBeLessThan(3)
  })

  it('counts from when a job was due, and not at all where it came back from a node', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const queueTimes = createRecordedDistribution()
    const claim = claimJobs({ ...mill, nodeId: 'node_1', queueTimes })
    await submit(mill, {}, { delayMs: 1000 })
    clock.advance(1010)
    await mill.sweep()
    const [job] = await claim(1)
    expect(Math.round(queueTimes.read().max)).toBe(10)
    if (job === undefined) throw new Error('no job')
    const end = { type: 'lost', message: 'Gone.' } as const
    await writeJobs(mill.store, (records) => settleAttempt(records, job, end, { at: clock.now() }))
    clock.advance(5000)
    expect(await claim(1)).toHaveLength(1)
    expect(queueTimes.read().count).toBe(1)
  })
})
