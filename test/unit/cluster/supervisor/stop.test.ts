import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeCluster } from './fake-members.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

describe('the end of all members', () => {
  it('has all drain at once, and is over when the last has gone', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    let isOver = false
    const stopped = cluster.supervisor.stop(10_000).then(() => (isOver = true))
    for (const { drained } of cluster.members) expect(drained).toEqual({ unreadyMs: 0, drainMs: 10_000, keepIdleMs: 0 })
    await cluster.member(1).exit({ code: 0 })
    await cluster.pass(1_000)
    expect(isOver).toBe(false)
    await cluster.member(2).exit({ code: 0 })
    await stopped
    expect(cluster.members).toHaveLength(2)
    expect(cluster.changes.at(-1)?.member.lastEnd).toMatchObject({ kind: 'STOPPED', code: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('kills who takes 5 s longer than it was given', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    const stopped = cluster.supervisor.stop(10_000)
    await cluster.pass(14_000)
    expect(cluster.member(1).killed).toEqual([])
    await cluster.pass(2_000)
    expect(cluster.member(1).killed).toEqual(['SIGKILL'])
    await stopped
  })

  it('clears the pause before a restart', async () => {
    await using cluster = fakeCluster(1, { times: { backoff: { baseMs: 100, capMs: 30_000, random: () => 1 } } })
    await cluster.start()
    await cluster.member(1).exit({ code: 1 })
    await cluster.member(1).exit({ code: 1 })
    await cluster.supervisor.stop(10_000)
    await cluster.pass(60_000)
    expect(cluster.members).toHaveLength(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives a member that drains for a reload no more time than the others', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    await cluster.pass(1_000)
    const old = cluster.member(1)
    const reloaded = cluster.supervisor.reload()
    await cluster.pass(0)
    cluster.member(1).ready()
    await cluster.pass(0)
    const stopped = cluster.supervisor.stop(0)
    await cluster.pass(6_000)
    expect(old.killed).toEqual(['SIGKILL'])
    await stopped
    await reloaded
  })

  it('kills all at once when it is told to', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    const stopped = cluster.supervisor.stop(10_000)
    cluster.supervisor.kill()
    expect(cluster.members.flatMap(({ killed }) => killed)).toEqual(['SIGKILL', 'SIGKILL'])
    await stopped
  })

  it('forks nothing where it came before the start', async () => {
    await using cluster = fakeCluster(2)
    await cluster.supervisor.stop(0)
    await expect(cluster.supervisor.start()).rejects.toMatchObject({ code: 'START_STOPPED' })
    expect(cluster.members).toHaveLength(0)
  })
})
