import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeCluster, type FakeMember } from './fake-members.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const numbers = (members: readonly FakeMember[]) => members.map(({ order }) => order.number)

describe('a reload', () => {
  it('replaces one member after the other: the next is ready before the one before drains', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    await cluster.pass(1_000)
    const [first, second] = cluster.members
    const reloaded = cluster.supervisor.reload()
    await cluster.pass(0)
    expect(numbers(cluster.members)).toEqual([1, 2, 1])
    expect(first?.drained).toBeNull()

    cluster.member(1).ready()
    await cluster.pass(0)
    expect(first?.drained).toEqual({ unreadyMs: 0, drainMs: 10_000, keepIdleMs: 1_000 })
    expect(numbers(cluster.members)).toEqual([1, 2, 1])

    await first?.exit({ code: 0 })
    expect(numbers(cluster.members)).toEqual([1, 2, 1, 2])
    cluster.member(2).ready()
    await cluster.pass(0)
    await second?.exit({ code: 0 })
    expect(await reloaded).toBe(true)
    expect(cluster.said().slice(4)).toEqual(
      [1, 2].flatMap((number) => ['STARTED', 'READY', 'DRAINING', 'ENDED'].map((change) => `${change} ${number}`)),
    )
    const { members } = await cluster.supervisor.status()
    expect(members.map(({ restarts, lastEnd }) => [restarts, lastEnd?.kind])).toEqual([
      [1, 'RELOADED'],
      [1, 'RELOADED'],
    ])
  })

  it('kills an old member that takes too long to drain', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    await cluster.pass(1_000)
    const old = cluster.member(1)
    const reloaded = cluster.supervisor.reload()
    await cluster.pass(0)
    cluster.member(1).ready()
    await cluster.pass(14_000)
    expect(old.killed).toEqual([])
    await cluster.pass(2_000)
    expect(old.killed).toEqual(['SIGKILL'])
    expect(await reloaded).toBe(true)
    expect(cluster.changes.at(-1)).toMatchObject({
      change: 'ENDED',
      reason: expect.stringContaining('did not come to its end in time and was killed'),
      member: { lastEnd: { kind: 'RELOADED' } },
    })
  })

  it('stops when a successor does not get ready: the old member stays, and nothing was asked of it', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    await cluster.pass(1_000)
    const reloaded = cluster.supervisor.reload()
    await cluster.pass(0)
    await cluster.member(1).exit({ code: 1 })
    expect(await reloaded).toBe(false)
    await cluster.pass(60_000)
    expect(numbers(cluster.members)).toEqual([1, 2, 1])
    expect(cluster.members[0]?.told).toEqual([])
    expect(cluster.logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { member: 1 } })
    const { members } = await cluster.supervisor.status()
    expect(members.map(({ state, pid, restarts, lastEnd }) => ({ state, pid, restarts, lastEnd }))).toEqual([
      { state: 'READY', pid: 100, restarts: 0, lastEnd: null },
      { state: 'READY', pid: 101, restarts: 0, lastEnd: null },
    ])
  })

  it('happens once more when it is asked for meanwhile, however often', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    await cluster.pass(1_000)
    const all = [cluster.supervisor.reload()]
    await cluster.pass(0)
    for (let asked = 0; asked < 3; asked += 1) all.push(cluster.supervisor.reload())
    for (let round = 1; round <= 2; round += 1) {
      expect(cluster.members).toHaveLength(1 + round)
      cluster.member(1).ready()
      await cluster.pass(1_000)
      await cluster.members[round - 1]?.exit({ code: 0 })
    }
    expect(await Promise.all(all)).toEqual([true, true, true, true])
    expect(cluster.members).toHaveLength(3)
  })

  it('goes on when the old member crashes meanwhile: its place is its successor’s', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    await cluster.pass(1_000)
    const reloaded = cluster.supervisor.reload()
    await cluster.pass(0)
    const successor = cluster.member(1)
    await cluster.members[0]?.exit({ signal: 'SIGSEGV' })
    expect(numbers(cluster.members)).toEqual([1, 2, 1])
    successor.ready()
    await cluster.pass(0)
    expect(numbers(cluster.members)).toEqual([1, 2, 1, 2])
    cluster.member(2).ready()
    await cluster.pass(0)
    await cluster.members[1]?.exit({ code: 0 })
    expect(await reloaded).toBe(true)
    expect((await cluster.supervisor.status()).members.map(({ nodeId }) => nodeId)).toEqual(['node_3', 'node_4'])
  })

  it('has the place restarted when both the old member and its successor end', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    await cluster.pass(1_000)
    const reloaded = cluster.supervisor.reload()
    await cluster.pass(0)
    const [old, successor] = cluster.members
    await old?.exit({ signal: 'SIGSEGV' })
    await successor?.exit({ code: 1 })
    expect(await reloaded).toBe(false)
    expect(cluster.members).toHaveLength(3)
  })

  it('leaves alone who crashed and was started again meanwhile, and waits for it', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    await cluster.pass(1_000)
    const reloaded = cluster.supervisor.reload()
    await cluster.pass(1_000)
    await cluster.members[1]?.exit({ signal: 'SIGSEGV' })
    const again = cluster.member(2)
    cluster.member(1).ready()
    await cluster.pass(0)
    await cluster.members[0]?.exit({ code: 0 })
    again.ready()
    expect(await reloaded).toBe(true)
    expect(numbers(cluster.members)).toEqual([1, 2, 1, 2])
  })

  it('forks nothing more when all are stopped meanwhile', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    await cluster.pass(1_000)
    const reloaded = cluster.supervisor.reload()
    await cluster.pass(0)
    const stopped = cluster.supervisor.stop(5_000)
    expect(cluster.member(1).killed).toEqual(['SIGKILL'])
    for (const old of cluster.members.slice(0, 2)) {
      expect(old.drained).toEqual({ unreadyMs: 0, drainMs: 5_000, keepIdleMs: 0 })
      await old.exit({ code: 0 })
    }
    await stopped
    expect(await reloaded).toBe(false)
    expect(cluster.members).toHaveLength(3)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a member that asks to be replaced', () => {
  it('drains when its successor is ready', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    await cluster.pass(1_000)
    const full = cluster.members[1]
    full?.say('recycle', { reason: 'Its memory is over the limit.' })
    full?.say('recycle', { reason: 'Its memory is over the limit.' })
    await cluster.pass(0)
    expect(numbers(cluster.members)).toEqual([1, 2, 2])
    expect(full?.drained).toBeNull()
    const { members } = await cluster.supervisor.status()
    expect(members.map(({ number, state }) => `${number} ${state}`)).toEqual(['1 READY', '2 READY', '2 STARTING'])
    cluster.member(2).ready()
    await cluster.pass(0)
    expect(full?.drained).toEqual({ unreadyMs: 0, drainMs: 10_000, keepIdleMs: 1_000 })
    await full?.exit({ code: 0 })
    expect((await cluster.supervisor.status()).members[1]).toMatchObject({
      nodeId: 'node_3',
      restarts: 1,
      lastEnd: { kind: 'RECYCLED', reason: 'Its memory is over the limit.', code: 0 },
    })
  })

  it('takes turns with others, and with a reload', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    await cluster.pass(1_000)
    const [first, second] = cluster.members
    second?.say('recycle', { reason: 'Its memory is over the limit.' })
    first?.say('recycle', { reason: 'Its memory is over the limit.' })
    const reloaded = cluster.supervisor.reload()
    await cluster.pass(0)
    expect(numbers(cluster.members)).toEqual([1, 2, 2])
    cluster.member(2).ready()
    await cluster.pass(0)
    await second?.exit({ code: 0 })
    expect(numbers(cluster.members)).toEqual([1, 2, 2, 1])
    cluster.member(1).ready()
    await cluster.pass(0)
    await first?.exit({ code: 0 })
    expect(numbers(cluster.members)).toEqual([1, 2, 2, 1, 1])
    void reloaded
  })

  it('stays when its successor does not get ready, and may ask again', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    const old = cluster.member(1)
    for (let asked = 0; asked < 3; asked += 1) old.say('recycle', { reason: 'Its memory is over the limit.' })
    await cluster.pass(0)
    await cluster.member(1).exit({ code: 1 })
    expect(old.drained).toBeNull()
    expect(cluster.members).toHaveLength(2)
    old.say('recycle', { reason: 'Its memory is over the limit.' })
    await cluster.pass(0)
    expect(cluster.members).toHaveLength(3)
  })

  it('has nothing to expect when it was replaced before its turn', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    await cluster.pass(1_000)
    const old = cluster.member(1)
    const reloaded = cluster.supervisor.reload()
    await cluster.pass(0)
    old.say('recycle', { reason: 'It was asked to end by SIGTERM.' })
    cluster.member(1).ready()
    await cluster.pass(0)
    await old.exit({ code: 0 })
    expect(await reloaded).toBe(true)
    await cluster.pass(10_000)
    expect(cluster.members).toHaveLength(2)
  })
})
