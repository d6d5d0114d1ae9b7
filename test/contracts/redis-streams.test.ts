import { describe, expect, it } from 'vitest'
import { openRedis } from '../../src/adapters/redis/open-redis.ts'
import { redisBus } from '../../src/adapters/redis/redis-bus.ts'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import type { Bus } from '../../src/ports/bus.ts'
import type { Store } from '../../src/ports/store.ts'
import { openRevocationFeed } from '../../src/services/accounts/authentication/revocation-feed.ts'
import { revoke } from '../../src/services/accounts/sessions/revocations.ts'
import { createHub } from '../../src/services/streams/hub.ts'
import { publishCommitted } from '../../src/services/streams/live-events.ts'
import type { Hub, TopicStream } from '../../src/services/streams/stream.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { type CuttableProxy, openCuttableProxy } from '../support/cuttable-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { openTestStore } from '../support/open-test-store.ts'
import { openPrivateRedis, type PrivateRedis } from '../support/private-redis.ts'

/** What one process has: its own store on the shared file, its own bus and hub. */
interface Process {
  readonly store: Store
  readonly bus: Bus
  readonly hub: Hub
}

interface Bench extends AsyncDisposable {
  readonly server: PrivateRedis
  /** Between Redis and the first process. */
  readonly network: CuttableProxy
  readonly processes: readonly [Process, Process]
}

async function openBench(): Promise<Bench> {
  await using opened = new AsyncDisposableStack()
  const server = opened.use(await openPrivateRedis())
  const network = opened.use(await openCuttableProxy(server.port))
  const file = opened.use(await openTestStore())
  const logger = collectingLogger()
  const openProcess = async (url: string): Promise<Process> => {
    const store = all.use(await sqliteStore({ path: file.path }))
    const redis = all.use(await openRedis(url))
    const bus = all.use(await redisBus({ redis, installation: 'store', secret: 'of the test', logger }))
    all.defer(store.onCommitted(publishCommitted(bus)))
    // The check each 10 to 25 s mends nothing here: what is mended is mended because the bus told of it.
    const repeat = () => () => undefined
    return { store, bus, hub: all.use(createHub({ store, bus, logger, repeat })) }
  }
  const all = opened.move()
  const processes = [await openProcess(`redis://127.0.0.1:${network.port}`), await openProcess(server.url)] as const
  return { server, network, processes, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** Follows the topic in a process, as a client does; `seen` has the numbers of the events that came. */
async function watch({ hub }: Process, topic: string) {
  const stream: TopicStream = await hub.open({ topic, resume: null, snapshot: async () => ({}) })
  const seen: unknown[] = []
  await stream.next()
  const over = (async () => {
    for await (const { body, opening } of stream) seen.push(opening === null ? body['n'] : 'gap')
  })()
  return { seen, stop: () => stream.return().then(() => over) }
}

/** Appends events to the topic in both processes by turns until it is stopped; gives how many. */
function publishSteadily({ processes }: Bench, topic: string) {
  let count = 0
  let isStopped = false
  const done = (async () => {
    while (!isStopped) {
      const n = (count += 1)
      const { store } = processes[n % 2 === 0 ? 0 : 1]
      await store.write(({ log }) => log.append(topic, { n }))
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
  })()
  return {
    get count() {
      return count
    },
    async stop() {
      isStopped = true
      await done
      return Array.from({ length: count }, (_, index) => index + 1)
    },
  }
}

interface Nemesis {
  readonly name: string
  hurt(bench: Bench): Promise<void>
  heal(bench: Bench): Promise<void>
  /** Whether the buses notice. */
  readonly isNoticed: boolean
}

const nothing = async () => undefined
const nemeses: readonly Nemesis[] = [
  { name: 'is killed', hurt: ({ server }) => server.kill(), heal: ({ server }) => server.restart(), isNoticed: true },
  {
    name: 'is frozen',
    hurt: async ({ server }) => server.freeze(),
    heal: async ({ server }) => server.thaw(),
    isNoticed: true,
  },
  {
    name: 'is flushed',
    hurt: async ({ server }) => void (await server.command('flushall')),
    heal: nothing,
    isNoticed: false,
  },
  { name: 'is cut off from one process', hurt: async ({ network }) => network.cut(), heal: nothing, isNoticed: true },
  {
    name: 'is half cut off from one process',
    hurt: async ({ network }) => network.stall(),
    heal: async ({ network }) => network.resume(),
    isNoticed: true,
  },
  {
    name: 'drops who listens',
    hurt: async ({ server }) => void (await server.command('client', 'kill', 'type', 'pubsub')),
    heal: nothing,
    isNoticed: true,
  },
]

describe('streams over two processes whose Redis', () => {
  it.each(nemeses)(
    '$name: no event is lost, doubled or out of order',
    async ({ hurt, heal, isNoticed }) => {
      await using bench = await openBench()
      const changes: boolean[] = []
      const [near, far] = bench.processes
      near.bus.onChange((isLive) => changes.push(isLive))
      const watchers = [await watch(near, 'topic'), await watch(far, 'topic')]
      const steady = publishSteadily(bench, 'topic')
      await eventually(() => watchers.every(({ seen }) => seen.length > 20))
      await hurt(bench)
      if (isNoticed) await eventually(() => changes.includes(false), 8000)
      const sofar = steady.count
      // It goes on while Redis is away, and streams that are opened meanwhile as well.
      watchers.push(await watch(near, 'topic'), await watch(far, 'topic'))
      await eventually(() => watchers.slice(0, 2).every(({ seen }) => seen.length > sofar), 8000)
      await heal(bench)
      await eventually(() => bench.processes.every(({ bus }) => bus.isLive), 12_000)
      const afterwards = steady.count
      await eventually(() => watchers.every(({ seen }) => Number(seen.at(-1)) > afterwards + 20))
      const all = await steady.stop()
      await eventually(() => watchers.every(({ seen }) => seen.at(-1) === all.length))
      for (const { seen } of watchers) expect(seen).toEqual(all.slice(all.length - seen.length))
      for (const { seen } of watchers.slice(0, 2)) expect(seen).toHaveLength(all.length)
      for (const { stop } of watchers) await stop()
    },
    60_000,
  )

  it('was away when the last event was said: it comes when Redis is back, in a process that noticed nothing', async () => {
    await using bench = await openBench()
    const [near, far] = bench.processes
    const watcher = await watch(far, 'topic')
    bench.network.stall()
    bench.network.cut()
    await eventually(() => !near.bus.isLive)
    await near.store.write(({ log }) => log.append('topic', { n: 1 }, { last: true }))
    await new Promise(setImmediate)
    expect([watcher.seen, far.bus.isLive]).toEqual([[], true])
    bench.network.resume()
    await eventually(() => watcher.seen.length === 1, 12_000)
    await watcher.stop()
  })

  it('stays away from one process alone: what is said there comes in the other, which knows by its silence', async () => {
    await using bench = await openBench()
    const [near, far] = bench.processes
    const watcher = await watch(far, 'topic')
    bench.network.stall()
    await eventually(() => !near.bus.isLive, 8000)
    await near.store.write(({ log }) => log.append('topic', { n: 1 }))
    await eventually(() => watcher.seen.length === 1, 8000)
    expect([near.bus.isLive, far.bus.isLive]).toEqual([false, true])
    await watcher.stop()
  })

  it('is frozen does not keep revocations from being known', async () => {
    await using bench = await openBench()
    const [{ store }, { bus, store: other }] = bench.processes
    bench.server.freeze()
    const heard: unknown[] = []
    const listener = {
      revoked: (revocation: unknown) => heard.push(revocation),
      missed: () => undefined,
      tick: () => undefined,
    }
    await using feed = openRevocationFeed({ store: other, bus, logger: collectingLogger(), listener })
    await eventually(() => feed.isCurrent())
    const revocation = { kind: 'session', id: 'ses_1', ends: true } as const
    await store.write((records) => revoke(records, revocation, Date.now()))
    await eventually(() => heard.length > 0, 2000)
    expect(heard).toEqual([revocation])
    expect(feed.isCurrent()).toBe(true)
    bench.server.thaw()
  })
})
