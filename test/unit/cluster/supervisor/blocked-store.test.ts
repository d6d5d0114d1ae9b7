import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeCluster, fakeCluster } from './fake-members.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const askMs = 2_000

/** A cluster whose store takes 2 s to say how it is, as one that is blocked does. */
async function openCluster(count: number, isBlocked: (cluster: FakeCluster) => boolean) {
  let asked = 0
  const cluster = fakeCluster(count, {
    async isStoreBlocked() {
      asked += 1
      await new Promise((resolve) => setTimeout(resolve, askMs))
      return isBlocked(cluster)
    },
  })
  await cluster.start()
  await cluster.pass(20_000)
  const kills = () => cluster.members.filter(({ killed }) => killed.length > 0).map(({ order }) => order.number)
  return { cluster, kills, asked: () => asked }
}

describe('a store to which nobody can write', () => {
  it('has a member killed that is silent for 3 s', async () => {
    const { cluster, kills } = await openCluster(2, () => true)
    await using _cluster = cluster
    cluster.member(1).beats = false
    await cluster.pass(2_900)
    expect(kills()).toEqual([])
    await cluster.pass(4_000)
    expect(kills()).toEqual([1])
    expect(cluster.changes.find(({ change }) => change === 'ENDED')).toMatchObject({
      reason: 'It stood still, and nobody could write to the database.',
      member: { lastEnd: { kind: 'SILENT', signal: 'SIGKILL' } },
    })
  })

  it('has the longest silent one killed first, and no more than it takes', async () => {
    const { cluster, kills } = await openCluster(3, ({ members }) => members[1]?.killed.length === 0)
    await using _cluster = cluster
    cluster.member(2).beats = false
    await cluster.pass(1_500)
    cluster.member(1).beats = false
    cluster.member(3).beats = false
    await cluster.pass(10_000)
    expect(kills()).toEqual([2])
  })

  it('has them killed one after the other where that does not help', async () => {
    const { cluster, kills } = await openCluster(3, () => true)
    await using _cluster = cluster
    for (const number of [1, 2]) cluster.member(number).beats = false
    await cluster.pass(6_000)
    expect(kills()).toHaveLength(1)
    await cluster.pass(3_000)
    expect(kills().toSorted((a, b) => a - b)).toEqual([1, 2])
    await cluster.pass(30_000)
    expect(kills().toSorted((a, b) => a - b)).toEqual([1, 2])
  })

  it('is nobody’s fault while all are heard, and is not asked after then', async () => {
    const { cluster, kills, asked } = await openCluster(2, () => true)
    await using _cluster = cluster
    await cluster.pass(60_000)
    expect([kills(), asked()]).toEqual([[], 0])
  })

  it('is not the fault of who is heard before the answer, or is silent because it said so', async () => {
    const { cluster, kills, asked } = await openCluster(2, () => true)
    await using _cluster = cluster
    cluster.member(2).ask('pause', { ms: 60_000, reason: 'A heap snapshot is written.' })
    cluster.member(2).beats = false
    cluster.member(1).beats = false
    for (let ms = 0; asked() === 0 && ms < 10_000; ms += 100) await cluster.pass(100)
    cluster.member(1).beats = true
    await cluster.pass(20_000)
    expect([kills(), asked()]).toEqual([[], 1])
  })
})

describe('a member that is silent', () => {
  it('is left alone until 15 s have passed while others can write', async () => {
    const { cluster, kills } = await openCluster(2, () => false)
    await using _cluster = cluster
    cluster.member(1).beats = false
    await cluster.pass(14_000)
    expect(kills()).toEqual([])
    await cluster.pass(2_000)
    expect(kills()).toEqual([1])
  })

  it('is left alone as well where nobody knows whether they can', async () => {
    const { cluster, kills } = await openCluster(2, () => {
      throw new Error('The store is closed.')
    })
    await using _cluster = cluster
    cluster.member(1).beats = false
    await cluster.pass(14_000)
    expect(kills()).toEqual([])
    expect(cluster.logger.lines.map(({ message }) => message)).toContain(
      'Whether the database can be written could not be found out.',
    )
  })
})
