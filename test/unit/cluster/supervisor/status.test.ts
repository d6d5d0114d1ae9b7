import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeCluster, someLoad } from './fake-members.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

describe('the status of all members', () => {
  it('asks each for what it has to do', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    await cluster.pass(1_500)
    cluster.member(1).load = someLoad({ busyThreads: 1 })
    cluster.member(2).load = someLoad({ busyThreads: 2 })
    const status = await cluster.supervisor.status()
    expect(status).toMatchObject({ at: 1_001_500, primaryPid: process.pid, isSupervised: true, startedAt: 1_000_000 })
    expect(status.members).toEqual([
      {
        number: 1,
        nodeId: 'node_1',
        pid: 100,
        state: 'READY',
        startedAt: 1_000_000,
        restarts: 0,
        lastEnd: null,
        load: someLoad({ busyThreads: 1 }),
        heardAt: 1_001_500,
      },
      expect.objectContaining({ number: 2, load: someLoad({ busyThreads: 2 }) }),
    ])
  })

  it('has the last heartbeat of who does not answer within 500 ms', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    cluster.member(1).say('heartbeat', someLoad({ busyThreads: 7 }))
    cluster.member(1).load = null
    const asked = cluster.supervisor.status()
    await cluster.pass(500)
    const { members } = await asked
    expect(members.map(({ load, heardAt }) => [load?.busyThreads, heardAt])).toEqual([
      [7, 1_000_000],
      [0, 1_000_000],
    ])
  })

  it('passes over a load that is none', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    for (const odd of [null, 'load', { ...someLoad(), threads: '2' }, { ...someLoad(), bus: { kind: 'pigeon' } }]) {
      cluster.member(1).say('heartbeat', odd)
    }
    cluster.member(1).load = null
    const asked = cluster.supervisor.status()
    await cluster.pass(500)
    expect((await asked).members[0]).toMatchObject({ load: null, heardAt: null })
  })

  it('asks once for all who want to know at the same time', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    const [one, other] = await Promise.all([cluster.supervisor.status(), cluster.supervisor.status()])
    expect(one).toBe(other)
  })
})
