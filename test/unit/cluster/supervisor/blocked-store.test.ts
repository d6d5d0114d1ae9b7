import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeCluster } from './fake-members.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

/** A cluster in which the test says who has the store's lock, by its number. */
async function openCluster(count: number) {
  const asked: number[] = []
  const lock: { holder: number | null; lookMs: number } = { holder: null, lookMs: 1 }
  const cluster = fakeCluster(count, {
    async holdsLock(pid) {
      const number = cluster.members.find((member) => member.pid === pid)?.order.number ?? 0
      asked.push(number)
      await new Promise((resolve) => setTimeout(resolve, lock.lookMs))
      return number === lock.holder
    },
  })
  await cluster.start()
  await cluster.pass(20_000)
  const kills = () => cluster.members.filter(({ killed }) => killed.length > 0).map(({ order }) => order.number)
  /** Lets time pass until so many looks have begun. */
  const looks = async (wanted: number) => {
    for (let ms = 0; asked.length < wanted && ms < 10_000; ms += 100) await cluster.pass(100)
    expect(asked).toHaveLength(wanted)
  }
  return { cluster, lock, kills, asked, looks }
}

describe('a member that is silent with the store’s lock in its hands', () => {
  it('is killed after 3 s, at the second look', async () => {
    const { cluster, lock, kills, looks } = await openCluster(2)
    await using _cluster = cluster
    lock.holder = 1
    cluster.member(1).beats = false
    await cluster.pass(2_900)
    expect(kills()).toEqual([])
    await looks(1)
    await cluster.pass(100)
    expect(kills()).toEqual([])
    await cluster.pass(1_000)
    expect(kills()).toEqual([1])
    expect(cluster.changes.find(({ change }) => change === 'ENDED')).toMatchObject({
      reason: 'It stood still with the database’s lock in its hands.',
      member: { lastEnd: { kind: 'SILENT', signal: 'SIGKILL' } },
    })
  })

  it('is killed alone, however many are silent', async () => {
    const { cluster, lock, kills } = await openCluster(3)
    await using _cluster = cluster
    lock.holder = 2
    for (const number of [1, 2, 3]) cluster.member(number).beats = false
    await cluster.pass(10_000)
    expect(kills()).toEqual([2])
  })

  it('is left alone when it had it at one look only', async () => {
    const { cluster, lock, kills, looks } = await openCluster(2)
    await using _cluster = cluster
    cluster.member(1).beats = false
    for (let round = 0; round < 4; round += 1) {
      lock.holder = round % 2 === 0 ? 1 : null
      await looks(round + 1)
      await cluster.pass(100)
    }
    expect(kills()).toEqual([])
  })

  it('is left alone when another one had it at the look before', async () => {
    const { cluster, lock, kills } = await openCluster(3)
    await using _cluster = cluster
    for (const number of [1, 2]) cluster.member(number).beats = false
    for (let round = 0; round < 10; round += 1) {
      lock.holder = 1 + (round % 2)
      await cluster.pass(1_000)
    }
    expect(kills()).toEqual([])
  })

  it('is left alone when it is heard during a look, or is silent because it said so', async () => {
    const { cluster, lock, kills, asked, looks } = await openCluster(2)
    await using _cluster = cluster
    cluster.member(2).ask('pause', { ms: 60_000, reason: 'A heap snapshot is written.' })
    cluster.member(2).beats = false
    cluster.member(1).beats = false
    lock.holder = 1
    await looks(1)
    lock.lookMs = 1_500
    await looks(2)
    cluster.member(1).beats = true
    await cluster.pass(20_000)
    expect(kills()).toEqual([])
    expect(new Set(asked)).toEqual(new Set([1]))
  })
})

describe('whoever has the store’s lock', () => {
  it('is not asked after, and is left alone, while all are heard', async () => {
    const { cluster, lock, kills, asked } = await openCluster(2)
    await using _cluster = cluster
    lock.holder = 1
    await cluster.pass(60_000)
    expect([kills(), asked]).toEqual([[], []])
  })
})

describe('a member that is silent without the store’s lock', () => {
  it('is left alone until 15 s have passed, whoever else has it', async () => {
    const { cluster, lock, kills } = await openCluster(2)
    await using _cluster = cluster
    lock.holder = 2
    cluster.member(1).beats = false
    await cluster.pass(14_000)
    expect(kills()).toEqual([])
    await cluster.pass(2_000)
    expect(kills()).toEqual([1])
  })
})
