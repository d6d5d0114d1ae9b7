import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failureOf, fakeCluster } from './fake-members.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

describe('a member that is silent', () => {
  it('is killed after 15 s, and followed at once', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    await cluster.pass(20_000)
    const silent = cluster.member(1)
    silent.beats = false
    await cluster.pass(14_000)
    expect(silent.killed).toEqual([])
    await cluster.pass(2_000)
    expect(silent.killed).toEqual(['SIGKILL'])
    expect(cluster.changes.find(({ change }) => change === 'ENDED')?.member.lastEnd).toMatchObject({
      kind: 'SILENT',
      signal: 'SIGKILL',
      reason: 'It was silent for 15 s and was killed.',
    })
    expect(cluster.member(1)).not.toBe(silent)
    expect(cluster.member(2).killed).toEqual([])
  })

  it('is not killed before it was heard for the first time, while it may start', async () => {
    await using cluster = fakeCluster(1)
    const started = cluster.supervisor.start()
    cluster.member(1).beats = false
    await cluster.pass(50_000)
    cluster.member(1).ready()
    await started
    expect(cluster.member(1).killed).toEqual([])
  })

  it('is killed while it starts as well', async () => {
    await using cluster = fakeCluster(1)
    const failure = failureOf(cluster.supervisor.start())
    await cluster.pass(2_000)
    cluster.member(1).beats = false
    await cluster.pass(17_000)
    expect(cluster.member(1).killed).toEqual(['SIGKILL'])
    expect(await failure).toMatchObject({ code: 'MEMBER_NOT_READY' })
  })

  it('may be silent as long as it announced, and 15 s more, whatever it still said before', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    const member = cluster.member(1)
    member.ask('pause', { ms: 60_000, reason: 'A heap snapshot is written.' })
    await cluster.pass(2_000)
    member.beats = false
    await cluster.pass(70_000)
    expect(member.killed).toEqual([])
    await cluster.pass(6_000)
    expect(member.killed).toEqual(['SIGKILL'])
  })

  it('is believed 10 minutes at most', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    const member = cluster.member(1)
    member.beats = false
    member.ask('pause', { ms: 1e12, reason: 'A long one.' })
    await cluster.pass(613_000)
    expect(member.killed).toEqual([])
    await cluster.pass(5_000)
    expect(member.killed).toEqual(['SIGKILL'])
  })

  it('has the usual time again when its pause is over', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    const member = cluster.member(1)
    member.ask('pause', { ms: 300_000, reason: 'A heap snapshot is written.' })
    await cluster.pass(5_000)
    member.ask('pause', { ms: 0, reason: 'A heap snapshot is written.' })
    member.beats = false
    await cluster.pass(17_000)
    expect(member.killed).toEqual(['SIGKILL'])
  })

  it('is not blamed for a stall of the supervisor', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    await cluster.pass(5_000)
    for (const member of cluster.members) member.beats = false
    cluster.stall(600_000)
    await cluster.pass(1_000)
    expect(cluster.members.flatMap(({ killed }) => killed)).toEqual([])
    for (const member of cluster.members) member.beats = true
    await cluster.pass(30_000)
    expect(cluster.members.flatMap(({ killed }) => killed)).toEqual([])
  })

  it('is told each second that the supervisor is there', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    const before = cluster.member(1).alives
    await cluster.pass(5_000)
    expect(cluster.member(1).alives - before).toBe(5)
  })
})
