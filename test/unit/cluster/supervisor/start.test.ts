import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failureOf, fakeCluster } from './fake-members.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

describe('the start of the members', () => {
  it('forks all, and is over when all are ready', async () => {
    await using cluster = fakeCluster(3)
    const started = cluster.supervisor.start()
    expect(cluster.members.map(({ order }) => order.number)).toEqual([1, 2, 3])

    let isOver = false
    void started.then(() => (isOver = true))
    cluster.member(2).ready()
    cluster.member(1).ready()
    await cluster.pass(0)
    expect(isOver).toBe(false)
    cluster.member(3).ready()
    await started
    expect(cluster.said()).toEqual(['STARTED 1', 'STARTED 2', 'STARTED 3', 'READY 2', 'READY 1', 'READY 3'])
  })

  it('rejects with what a member says that cannot start, after all have ended', async () => {
    await using cluster = fakeCluster(3)
    const failure = failureOf(cluster.supervisor.start())
    cluster.member(1).ready()
    cluster.member(2).ask('failed', { code: 'PORT_IN_USE', message: 'Port 4000 is taken.' })
    await cluster.member(2).exit({ code: 1 })
    expect(await failure).toMatchObject({ code: 'PORT_IN_USE', message: 'Port 4000 is taken.' })
    expect(cluster.member(1).killed).toEqual(['SIGKILL'])
    expect(cluster.member(3).killed).toEqual(['SIGKILL'])
    expect(cluster.said().filter((said) => said.startsWith('ENDED'))).toHaveLength(3)
    await cluster.pass(120_000)
    expect(cluster.members).toHaveLength(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('kills who has said that it cannot start and does not end', async () => {
    await using cluster = fakeCluster(1)
    const failure = failureOf(cluster.supervisor.start())
    cluster.member(1).ask('failed', { code: 'NO_DISK', message: 'The disk is full.' })
    await cluster.pass(4_000)
    expect(cluster.member(1).killed).toEqual([])
    await cluster.pass(2_000)
    expect(await failure).toMatchObject({ code: 'NO_DISK' })
    expect(cluster.changes.at(-1)?.member.lastEnd).toMatchObject({ kind: 'START_FAILED', reason: 'The disk is full.' })
  })

  it('rejects when a member ends before it is ready', async () => {
    await using cluster = fakeCluster(2)
    const failure = failureOf(cluster.supervisor.start())
    await cluster.member(2).exit({ code: 7 })
    expect(await failure).toMatchObject({
      code: 'MEMBER_NOT_READY',
      message: 'Member 2 did not start. It ended with exit code 7 before it was ready.',
    })
  })

  it('kills a member that is not ready within three minutes, whatever it says', async () => {
    await using cluster = fakeCluster(1)
    const failure = failureOf(cluster.supervisor.start())
    await cluster.pass(179_500)
    expect(cluster.member(1).killed).toEqual([])
    await cluster.pass(2_000)
    expect(await failure).toMatchObject({
      message: 'Member 1 did not start. It was not ready after 180 s and was killed.',
    })
  })

  it('starts one again that had been ready and crashed while others still start', async () => {
    await using cluster = fakeCluster(2)
    const started = cluster.supervisor.start()
    cluster.member(1).ready()
    await cluster.member(1).exit({ signal: 'SIGSEGV' })
    cluster.member(2).ready()
    await started
    expect(cluster.members.map(({ order }) => order.number)).toEqual([1, 2, 1])
  })

  it('is over with an error when the members are stopped meanwhile', async () => {
    await using cluster = fakeCluster(2)
    const failure = failureOf(cluster.supervisor.start())
    cluster.member(1).ready()
    const stopped = cluster.supervisor.stop(10_000)
    expect(cluster.member(1).drained).toEqual({ unreadyMs: 0, drainMs: 10_000, keepIdleMs: 0 })
    expect(cluster.member(2).killed).toEqual(['SIGKILL'])
    await cluster.member(1).exit({ code: 0 })
    await stopped
    expect(await failure).toMatchObject({ code: 'START_STOPPED' })
    expect(vi.getTimerCount()).toBe(0)
  })
})
