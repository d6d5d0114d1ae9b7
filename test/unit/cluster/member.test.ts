import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DrainOrder } from '../../../src/cluster/drain-order.ts'
import { joinCluster, type JoinOptions } from '../../../src/cluster/member.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { openClusterLine } from '../../support/cluster-lines.ts'
import { eventually } from '../../support/eventually.ts'
import { someLoad } from './supervisor/fake-members.ts'

/** Stands for `process`. */
class FakeHost extends EventEmitter {
  readonly pid = 4711
  readonly exits: number[] = []
  readonly kills: (readonly [number, string])[] = []
  exit(code: number): void {
    this.exits.push(code)
  }
  kill(pid: number, signal: string): void {
    this.kills.push([pid, signal])
  }
}

function join(own: Partial<JoinOptions> = {}) {
  const line = openClusterLine()
  const host = new FakeHost()
  const logger = collectingLogger()
  const heard: { name: string; body: unknown }[] = []
  for (const name of ['heartbeat', 'ready', 'recycle']) {
    line.toMember.onNotice(name, (body) => heard.push({ name, body }))
  }
  const membership = joinCluster({
    peer: line.toPrimary,
    load: () => someLoad({ busyThreads: 3 }),
    drain: async () => {},
    logger,
    host,
    ...own,
  })
  return {
    membership,
    host,
    logger,
    heard,
    primary: line.toMember,
    hears: (name: string) => heard.filter((each) => each.name === name).map(({ body }) => body),
    async [Symbol.asyncDispose]() {
      membership[Symbol.dispose]()
      await line[Symbol.asyncDispose]()
      expect(host.eventNames()).toEqual([])
    },
  }
}

describe('a member', () => {
  it('sends a heartbeat from the beginning on, and tells its load when it is asked', async () => {
    await using member = join({ heartbeatMs: 20 })
    await eventually(() => member.hears('heartbeat').length >= 3)
    expect(member.hears('heartbeat')[0]).toEqual(someLoad({ busyThreads: 3 }))
    expect(await member.primary.request('load', null, { deadlineMs: 1_000 })).toEqual(someLoad({ busyThreads: 3 }))
  })

  it('drains once when it is told to, and exits with 0', async () => {
    const orders: DrainOrder[] = []
    const { promise: drained, resolve: endDrain } = Promise.withResolvers<void>()
    await using member = join({
      drain: async (order) => {
        orders.push(order)
        await drained
      },
    })
    member.primary.notify('drain', { drainMs: 'long' })
    member.primary.notify('drain', { unreadyMs: 0, drainMs: 500, keepIdleMs: 100 })
    member.primary.notify('drain', { unreadyMs: 0, drainMs: 1, keepIdleMs: 1 })
    await member.primary.request('load', null, { deadlineMs: 1_000 })
    expect(orders).toEqual([{ unreadyMs: 0, drainMs: 500, keepIdleMs: 100 }])
    expect(member.host.exits).toEqual([])
    endDrain()
    await eventually(() => member.host.exits.length > 0)
    expect(member.host.exits).toEqual([0])
  })

  it('exits with 1 when it does not come to its end in good order', async () => {
    await using member = join({ drain: () => Promise.reject(new Error('The disk is full.')) })
    member.primary.notify('drain', { unreadyMs: 0, drainMs: 500, keepIdleMs: 100 })
    await eventually(() => member.host.exits.length > 0)
    expect(member.host.exits).toEqual([1])
    expect(member.logger.lines).toMatchObject([{ level: 'error', fields: { error: 'Error: The disk is full.' } }])
  })

  it('asks for a successor at SIGTERM, and leaves SIGINT and SIGHUP to the primary', async () => {
    await using member = join()
    for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) expect(member.host.emit(signal)).toBe(true)
    await eventually(() => member.hears('recycle').length > 0)
    expect(member.hears('recycle')).toEqual([{ reason: 'It was asked to end by SIGTERM.' }])
    expect(member.host.exits).toEqual([])
  })

  it('ends by a signal when its line is cut, before anybody else hears of that', async () => {
    const order: string[] = []
    const host = new FakeHost()
    const first = () => void order.push('node')
    host.once('disconnect', first)
    host.kill = (pid, signal) => void order.push(`${signal} ${pid}`)
    await using _member = join({ host })
    host.emit('disconnect')
    expect(order).toEqual(['SIGKILL 4711', 'node'])
  })

  it('waits until the primary knows of its pause, and of why it cannot start', async () => {
    await using member = join()
    const told: unknown[] = []
    for (const name of ['pause', 'failed']) member.primary.answer(name, (body) => void told.push(body))
    const end = await member.membership.pause(60_000)
    expect(told).toEqual([{ ms: 60_000 }])
    end()
    await member.membership.failed({ code: 'PORT_IN_USE', message: 'Port 4000 is taken.' })
    expect(told.slice(1)).toEqual([{ ms: 0 }, { code: 'PORT_IN_USE', message: 'Port 4000 is taken.' }])
  })

  it('goes on when the primary does not answer', async () => {
    await using member = join()
    await member.membership.failed({ code: 'PORT_IN_USE', message: 'Port 4000 is taken.' })
    expect(member.logger.lines).toMatchObject([{ level: 'warn', fields: { question: 'failed' } }])
  })

  it('tells that it serves', async () => {
    await using member = join()
    member.membership.ready()
    await eventually(() => member.hears('ready').length > 0)
    expect(member.hears('ready')).toEqual([null])
  })
})

describe('the primary as a member hears it', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  async function alive(member: ReturnType<typeof join>): Promise<void> {
    member.primary.notify('alive', null)
    // The answer comes after the notice.
    await member.primary.request('load', null, { deadlineMs: 1_000 })
  }

  it('is silent after 3 s without a word, until the next one', async () => {
    await using member = join()
    const changes: boolean[] = []
    member.membership.line.onChange((isLive) => changes.push(isLive))
    vi.advanceTimersByTime(2_000)
    await alive(member)
    vi.advanceTimersByTime(2_500)
    expect(member.membership.line.isLive).toBe(true)
    vi.advanceTimersByTime(1_500)
    expect(member.membership.line.isLive).toBe(false)
    await alive(member)
    expect(changes).toEqual([false, true])
  })

  it('is not called silent for a stall of the member itself', async () => {
    let stalledMs = 0
    await using member = join({ monotonicMs: () => performance.now() + stalledMs })
    await alive(member)
    stalledMs = 60_000
    vi.advanceTimersByTime(1_000)
    expect(member.membership.line.isLive).toBe(true)
  })
})
