import { vi } from 'vitest'
import type { DrainOrder } from '../../../../src/cluster/drain-order.ts'
import type { Exit, ForkMember } from '../../../../src/cluster/forked-member.ts'
import type { MemberOrder } from '../../../../src/cluster/member-order.ts'
import { type Peer, PeerError } from '../../../../src/cluster/peer.ts'
import { createSupervisor, type SupervisorOptions } from '../../../../src/cluster/supervisor.ts'
import type { MemberChanged, ProcessLoad } from '../../../../src/core/cluster.ts'
import { type CollectingLogger, collectingLogger } from '../../../support/collecting-logger.ts'

/** A member's process as the test plays it. */
export interface FakeMember {
  readonly order: MemberOrder
  readonly pid: number
  /** The notices that it was told, without `alive`. */
  readonly told: readonly { readonly name: string; readonly body: unknown }[]
  readonly alives: number
  readonly killed: readonly string[]
  readonly drained: DrainOrder | null
  /** Whether it sends heartbeats by itself each second. */
  beats: boolean
  /** What it answers to `load`; `null`: it does not. */
  load: ProcessLoad | null
  say(name: string, body: unknown): void
  ask(name: string, body: unknown): unknown
  ready(): void
  exit(exit: Partial<Exit>): Promise<void>
}

export const someLoad = (own: Partial<ProcessLoad> = {}): ProcessLoad => ({
  uptimeMs: 1,
  loopDelayP50Ms: 1,
  loopDelayP99Ms: 2,
  loopDelayMaxMs: 3,
  loopUtilization: 0.5,
  cpuCores: 1,
  rssBytes: 1,
  heapUsedBytes: 1,
  heapTotalBytes: 1,
  externalBytes: 1,
  threads: 2,
  busyThreads: 0,
  zombieThreads: 0,
  waitingAttempts: 0,
  connections: 0,
  streams: 0,
  bus: { kind: 'ipc', isLive: true, since: 0 },
  ...own,
})

/** A supervisor of fake members. To be made under fake timers; time goes on with `pass`. */
export interface FakeCluster extends AsyncDisposable {
  readonly supervisor: ReturnType<typeof createSupervisor>
  readonly members: readonly FakeMember[]
  readonly logger: CollectingLogger
  readonly changes: readonly MemberChanged[]
  /** What befell members, as `READY 1`, in order. */
  said(): readonly string[]
  /** The last process of that number. */
  member(number: number): FakeMember
  pass(ms: number): Promise<void>
  /** The supervisor is stopped for so long: time passes, and it gets no turn. */
  stall(ms: number): void
  /** Starts all members, and resolves when they are ready. */
  start(): Promise<void>
}

export function fakeCluster(count = 2, options: Partial<SupervisorOptions> = {}): FakeCluster {
  const members: FakeMember[] = []
  const logger = collectingLogger()
  const changes: MemberChanged[] = []
  let stalledMs = 0
  const supervisor = createSupervisor({
    members: count,
    orderFor: (number) => ({
      number,
      nodeId: `node_${members.length + 1}`,
      threads: 1,
      port: 4000,
      opsPort: null,
      installation: 'ours',
    }),
    fork: fakeFork(members),
    logger,
    drain: { unreadyMs: 0, drainMs: 10_000, keepIdleMs: 1_000 },
    monotonicMs: () => performance.now() + stalledMs,
    ...options,
  })
  supervisor.onChange((change) => changes.push(change))
  const cluster: FakeCluster = {
    supervisor,
    members,
    logger,
    changes,
    said: () => changes.map(({ change, member }) => `${change} ${member.number}`),
    member(number) {
      const found = members.findLast(({ order }) => order.number === number)
      if (found === undefined) throw new Error(`There is no member ${number}.`)
      return found
    },
    async pass(ms) {
      await vi.advanceTimersByTimeAsync(ms)
    },
    stall(ms) {
      stalledMs += ms
    },
    async start() {
      const started = supervisor.start()
      for (const member of members) member.ready()
      await started
    },
    async [Symbol.asyncDispose]() {
      await supervisor[Symbol.asyncDispose]()
    },
  }
  return cluster
}

function fakeFork(members: FakeMember[]): ForkMember {
  return (order) => {
    const { member, forked } = createFakeMember(order, 100 + members.length)
    members.push(member)
    return forked
  }
}

function createFakeMember(order: MemberOrder, pid: number) {
  const { promise: exited, resolve } = Promise.withResolvers<Exit>()
  const told: { name: string; body: unknown }[] = []
  const killed: string[] = []
  let alives = 0
  const listeners = new Map<string, (body: unknown) => void>()
  const handlers = new Map<string, (body: unknown, gone: AbortSignal) => unknown>()
  const closed = new AbortController()

  const peer: Peer = {
    notify(name, body) {
      if (name !== 'alive') told.push({ name, body })
      else alives += 1
      return true
    },
    onNotice: (name, listener) => (listeners.set(name, listener), () => void listeners.delete(name)),
    answer: (name, handler) => (handlers.set(name, handler), () => void handlers.delete(name)),
    async request(name, _body, { deadlineMs }) {
      if (name === 'load' && member.load !== null) return member.load
      await new Promise((done) => setTimeout(done, deadlineMs))
      throw new PeerError('TIMED_OUT', 'It does not answer.')
    },
    closed: closed.signal,
  }
  const beating = setInterval(() => {
    if (member.beats) member.say('heartbeat', someLoad())
  }, 1_000)
  const exit = async ({ code = null, signal = null }: Partial<Exit>) => {
    clearInterval(beating)
    resolve({ code, signal })
    closed.abort()
    await vi.advanceTimersByTimeAsync(0)
  }

  const member: FakeMember = {
    order,
    pid,
    told,
    killed,
    get alives() {
      return alives
    },
    get drained() {
      // What the supervisor tells is typed where it is told.
      return (told.find(({ name }) => name === 'drain')?.body as DrainOrder | undefined) ?? null
    },
    beats: true,
    load: someLoad(),
    say: (name, body) => listeners.get(name)?.(body),
    ask: (name, body) => handlers.get(name)?.(body, closed.signal),
    ready: () => member.say('ready', null),
    exit,
  }
  const kill = (signal: string) => {
    killed.push(signal)
    clearInterval(beating)
    resolve({ code: null, signal })
  }
  return { member, forked: { pid, peer, kill, exited } }
}

/** What the promise rejects with; `null` when it does not. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  )
}
