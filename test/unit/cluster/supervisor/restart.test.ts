import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeCluster, fakeCluster } from './fake-members.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

/** Without luck in the pauses. */
const backoff = { baseMs: 100, capMs: 30_000, random: () => 1 }
const crash = { signal: 'SIGSEGV' }

async function crashEarly(cluster: FakeCluster, number: number, times: number): Promise<void> {
  for (let done = 0; done < times; done += 1) {
    await cluster.member(number).exit(crash)
    await cluster.pass(30_000)
  }
}

describe('a member that ends unasked', () => {
  it('is followed by another process in its place at once, on a node of its own', async () => {
    await using cluster = fakeCluster(2)
    await cluster.start()
    await cluster.pass(11_000)
    await cluster.member(2).exit({ code: 1 })
    expect(cluster.members).toHaveLength(3)
    expect(cluster.member(2).order).toMatchObject({ number: 2, nodeId: 'node_3' })
    cluster.member(2).ready()
    const { members } = await cluster.supervisor.status()
    expect(members[1]).toMatchObject({
      number: 2,
      nodeId: 'node_3',
      state: 'READY',
      restarts: 1,
      lastEnd: { kind: 'CRASHED', code: 1, signal: null, reason: 'It ended with exit code 1.' },
    })
  })

  it('is told of at once, with its node, before the next process is there', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    const forkedAtEnd: number[] = []
    cluster.supervisor.onChange(({ change }) => {
      if (change === 'ENDED') forkedAtEnd.push(cluster.members.length)
    })
    await cluster.member(1).exit(crash)
    expect(forkedAtEnd).toEqual([1])
    const ended = cluster.changes.find(({ change }) => change === 'ENDED')
    expect(ended).toMatchObject({
      reason: 'It was ended by SIGSEGV.',
      member: { nodeId: 'node_1', pid: 100, state: 'ENDED', lastEnd: { kind: 'CRASHED', signal: 'SIGSEGV' } },
    })
    expect(cluster.logger.lines.find(({ message }) => message === 'A member ended.')).toMatchObject({
      level: 'error',
      fields: { member: 1, nodeId: 'node_1', memberPid: 100, reason: 'It was ended by SIGSEGV.' },
    })
  })

  it('waits longer with each early end in a row, the first time not at all', async () => {
    await using cluster = fakeCluster(1, { times: { backoff } })
    await cluster.start()
    const pauses: number[] = []
    for (let end = 0; end < 5; end += 1) {
      const before = cluster.members.length
      await cluster.member(1).exit(crash)
      let waited = 0
      for (; cluster.members.length === before; waited += 50) await cluster.pass(50)
      pauses.push(waited)
    }
    expect(pauses).toEqual([0, 100, 200, 400, 800])
    expect((await cluster.supervisor.status()).members[0]).toMatchObject({ restarts: 5, state: 'STARTING' })
  })

  it('counts anew when it had been ready for 10 s', async () => {
    await using cluster = fakeCluster(1, { times: { backoff } })
    await cluster.start()
    await crashEarly(cluster, 1, 5)
    cluster.member(1).ready()
    await cluster.pass(10_000)
    const before = cluster.members.length
    await cluster.member(1).exit(crash)
    expect(cluster.members).toHaveLength(before + 1)
    await cluster.member(1).exit(crash)
    expect(cluster.members).toHaveLength(before + 2)
  })

  it('is given up after 10 early ends in a row; when all are, that is told', async () => {
    await using cluster = fakeCluster(2, { times: { backoff } })
    await cluster.start()
    let failed: unknown = null
    void cluster.supervisor.failed.then((error) => (failed = error))

    await crashEarly(cluster, 1, 9)
    expect(cluster.said()).not.toContain('GIVEN_UP 1')
    await crashEarly(cluster, 1, 1)
    expect(cluster.said().at(-1)).toBe('GIVEN_UP 1')
    expect(cluster.logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { member: 1 } })
    await cluster.pass(600_000)
    expect(cluster.members.filter(({ order }) => order.number === 1)).toHaveLength(10)
    expect((await cluster.supervisor.status()).members[0]).toMatchObject({ state: 'GIVEN_UP', pid: null, load: null })
    expect(failed).toBeNull()

    await crashEarly(cluster, 2, 11)
    expect(failed).toMatchObject({ code: 'MEMBERS_GIVEN_UP' })
  })

  it('is tried again by a reload after it was given up', async () => {
    await using cluster = fakeCluster(1, { times: { backoff } })
    await cluster.start()
    await crashEarly(cluster, 1, 10)
    const reloaded = cluster.supervisor.reload()
    await cluster.pass(0)
    expect(cluster.members).toHaveLength(11)
    cluster.member(1).ready()
    expect(await reloaded).toBe(true)
    expect((await cluster.supervisor.status()).members[0]?.state).toBe('READY')
  })

  it('does not suffer from a listener that throws', async () => {
    await using cluster = fakeCluster(1)
    await cluster.start()
    cluster.supervisor.onChange(() => {
      throw new Error('broken')
    })
    await cluster.member(1).exit(crash)
    expect(cluster.members).toHaveLength(2)
    expect(cluster.logger.lines.some(({ fields }) => JSON.stringify(fields).includes('broken'))).toBe(true)
  })
})
