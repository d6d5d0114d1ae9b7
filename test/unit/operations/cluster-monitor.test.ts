import { afterEach, describe, expect, it, vi } from 'vitest'
import type { MemberChanged, MemberStatus } from '../../../src/core/cluster.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { recordMemberChange } from '../../../src/services/operations/record-member-change.ts'
import type { TopicStream } from '../../../src/services/streams/stream.ts'
import { somebody } from '../../support/principals.ts'
import { openProcesses, statusAt, type TestProcess } from './open-processes.ts'

const admin = somebody({ roles: ['user', 'admin'] })

const member: MemberStatus = {
  number: 1,
  nodeId: 'node_1',
  pid: 7,
  state: 'READY',
  startedAt: 1,
  restarts: 1,
  lastEnd: { at: 1, kind: 'CRASHED', code: null, signal: 'SIGKILL', reason: 'Somebody killed it.' },
  load: null,
  heardAt: null,
}

const sampled = ({ store }: TestProcess) =>
  store.read(async ({ log }) =>
    (await log.read('cluster', 0, 1000)).filter(({ body }) => body['type'] === 'ClusterSampled'),
  )

async function bodies(stream: TopicStream, count: number) {
  const found: unknown[] = []
  while (found.length < count) found.push((await stream.next()).value?.body)
  return found
}

describe('the status of the cluster', () => {
  it('is for administrators whose credential has the scope', async () => {
    await using test = await openProcesses()
    const { cluster } = await test.start()
    const refused = [
      [anonymous, 'UNAUTHENTICATED'],
      [{ kind: 'anonymous', refused: 'SESSION_REVOKED' }, 'SESSION_REVOKED'],
      [somebody(), 'INSUFFICIENT_SCOPE'],
      [{ ...admin, scopes: ['jobs:read'] }, 'INSUFFICIENT_SCOPE'],
      [{ ...admin, roles: ['user'] }, 'INSUFFICIENT_SCOPE'],
    ] as const
    for (const [principal, code] of refused) {
      await expect(cluster.status(principal)).rejects.toMatchObject({ code })
      await expect(cluster.watch(principal, null)).rejects.toMatchObject({ code })
    }
    expect(await cluster.status({ ...admin, kind: 'apiKey', sessionId: null })).toEqual(statusAt(test.clock.now()))
  })

  it('is collected once for all who ask meanwhile', async () => {
    await using test = await openProcesses()
    const one = await test.start()
    const all = await Promise.all(Array.from({ length: 5 }, () => one.cluster.status(admin)))
    expect([new Set(all).size, one.collected]).toEqual([1, 1])
    await one.cluster.status(admin)
    expect(one.collected).toBe(2)
  })

  it('is refused for now when it does not come in time, and the log has why', async () => {
    await using test = await openProcesses()
    const one = await test.start()
    test.answer(() => Promise.reject(new Error('No answer within 2000 ms.')))
    const refusal = {
      code: 'OVERLOADED',
      message: 'The processes did not tell their status in time: try again in a moment.',
      details: { retryAfterSeconds: 2 },
    }
    await expect(one.cluster.status(admin)).rejects.toMatchObject(refusal)
    await expect(one.cluster.watch(admin, null)).rejects.toMatchObject(refusal)
    expect(one.logger.lines[0]).toMatchObject({ level: 'warn', fields: { error: 'Error: No answer within 2000 ms.' } })
    test.answer(async () => statusAt(1))
    expect(await one.cluster.status(admin)).toEqual(statusAt(1))
  })
})

describe('the events of the cluster', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('open with the status, and tell each change that the supervisor records, also to who comes back elsewhere', async () => {
    await using test = await openProcesses()
    const [one, two, supervisor] = [await test.start(), await test.start(), await test.start()]
    const at = test.clock.now()
    const stream = await one.cluster.watch(admin, null)
    const opening = (await stream.next()).value
    expect(opening?.body).toEqual({ type: 'ClusterSnapshot', at, status: statusAt(at) })
    const changes: MemberChanged[] = [
      { at, change: 'ENDED', member: { ...member, state: 'ENDED' }, reason: 'Somebody killed it.' },
      { at: at + 1, change: 'STARTED', member: { ...member, state: 'STARTING' }, reason: null },
    ]
    for (const change of changes) await recordMemberChange(supervisor.store)(change)
    const told = changes.map((change) => ({ type: 'MemberChanged', ...change }))
    expect(await bodies(stream, 2)).toEqual(told)
    const again = await two.cluster.watch(admin, { after: opening?.cursor ?? '', onGap: 'error' })
    expect(await bodies(again, 2)).toEqual(told)
    await stream.return()
    await again.return()
  })

  it('are kept short whatever a process said on its way out', async () => {
    await using test = await openProcesses()
    const { store } = await test.start()
    const reason = '😀'.repeat(10_000)
    const end = { at: 1, kind: 'CRASHED', code: 1, signal: null, reason } as const
    await recordMemberChange(store)({ at: 1, change: 'ENDED', member: { ...member, lastEnd: end }, reason })
    const [event] = await store.read(({ log }) => log.read('cluster', 0, 1))
    const short = `${'😀'.repeat(250)}…`
    expect(event?.body).toMatchObject({ reason: short, member: { lastEnd: { reason: short } } })
  })

  it('are sampled every two seconds by one of the processes where somebody watches, and by none when nobody does', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using test = await openProcesses()
    const [one, two, idle] = [await test.start(), await test.start(), await test.start()]
    const streams = [await one.cluster.watch(admin, null), await two.cluster.watch(admin, null)]
    const pass = async (ms: number) => {
      test.clock.advance(ms)
      await vi.advanceTimersByTimeAsync(ms)
    }
    for (let n = 1; n <= 3; n += 1) {
      await pass(2_000)
      await eventuallySampled(one, n)
    }
    const first = streams[0]
    if (first === undefined) throw new Error('no stream')
    expect(await bodies(first, 4)).toMatchObject([
      { type: 'ClusterSnapshot' },
      ...[1, 2, 3].map(() => ({ type: 'ClusterSampled', status: { primaryPid: 1 } })),
    ])
    // Twice when the streams were opened, and for each sample at least by one.
    expect(one.collected + two.collected).toBeGreaterThanOrEqual(5)
    expect(idle.collected).toBe(0)

    await first.return()
    await pass(2_000)
    await eventuallySampled(two, 4)
    await streams[1]?.return()
    const collected = one.collected + two.collected
    for (let n = 0; n < 3; n += 1) await pass(2_000)
    expect(await sampled(one)).toHaveLength(4)
    expect(one.collected + two.collected).toBe(collected)

    // Somebody comes again.
    const again = await one.cluster.watch(admin, null)
    await pass(2_000)
    await eventuallySampled(one, 5)
    await again.return()
  })

  it('are sampled once where two processes collect the figures at the same moment', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using test = await openProcesses()
    const both = [await test.start(), await test.start()]
    const streams = await Promise.all(both.map(({ cluster }) => cluster.watch(admin, null)))
    const held = Promise.withResolvers<void>()
    test.answer(async () => {
      await held.promise
      return statusAt(test.clock.now())
    })
    test.clock.advance(2_000)
    await vi.advanceTimersByTimeAsync(2_000)
    await realEventually(() => both.every(({ collected }) => collected === 2))
    held.resolve()
    await realEventually(async () => both[0] !== undefined && (await sampled(both[0])).length > 0)
    for (const process of both) {
      // What it was about to write comes before this.
      await process.store.write(async () => undefined)
      expect(await sampled(process)).toHaveLength(1)
    }
    for (const stream of streams) await stream.return()
  })

  it('go on when a sample could not be taken, which the log says once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using test = await openProcesses()
    const one = await test.start()
    const stream = await one.cluster.watch(admin, null)
    test.answer(() => Promise.reject(new Error('No answer.')))
    const failed = () => one.logger.lines.filter(({ message }) => message.endsWith('cannot be sampled.')).length
    for (let collected = 2; collected <= 3; collected += 1) {
      test.clock.advance(2_000)
      await vi.advanceTimersByTimeAsync(2_000)
      await realEventually(() => one.collected === collected)
    }
    test.answer(async () => statusAt(2))
    await realEventually(async () => {
      test.clock.advance(2_000)
      await vi.advanceTimersByTimeAsync(2_000)
      return (await sampled(one)).length > 0
    })
    expect(failed()).toBe(1)
    await stream.return()
  })

  it('go on after a gap with the newest status that is known', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using test = await openProcesses()
    const one = await test.start()
    const change = { at: 1, change: 'READY', member, reason: null } as const
    await recordMemberChange(one.store)(change)
    const stream = await one.cluster.watch(admin, null)
    await stream.next()
    stream.park()
    await recordMemberChange(one.store)(change)
    test.clock.advance(2_000)
    await vi.advanceTimersByTimeAsync(2_000)
    await eventuallySampled(one, 1)
    const sampledAt = test.clock.now()
    test.clock.advance(60_000)
    await one.store.write(({ log }) => log.trim('cluster', 2))
    stream.seek(stream.position)
    const { value } = await stream.next()
    expect(value?.opening).toMatchObject({ status: 'snapshot', gap: true })
    expect(value?.body).toEqual({ type: 'ClusterSnapshot', at: sampledAt + 60_000, status: statusAt(sampledAt) })
    await stream.return()
  })
})

/** Waits in real time: what samples is a timer that the test moves, and a store that it cannot. */
async function realEventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`After 5 s this does not hold: ${condition.toString()}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function eventuallySampled(process: TestProcess, count: number): Promise<void> {
  await realEventually(async () => (await sampled(process)).length === count)
}
