import { tell } from '../../fanout/bench.ts'
import { openControl } from '../../fanout/control.ts'
import { printSpans } from '../../fanout/parts/print-spans.ts'
import { measureRounds } from '../../fanout/parts/rounds.ts'
import { defaultSize } from '../../fanout/system.ts'
import { type LoadProcess, openLoadProcess } from '../../fanout/processes.ts'
import { formatFigure } from '../../jobs/print-figure.ts'
import { clusterSystem } from '../cluster-system.ts'
import type { Cluster } from '../open-cluster.ts'
import { openClusters } from '../open-clusters.ts'
import type { ClusterOptions } from '../options.ts'
import { type BenchRedis, openBenchRedis } from '../redis-of-bench.ts'
import { printTable } from '../table.ts'

const deliveriesPerSecond = 10_000
const warmUpMs = 2000
const titles = { ws: 'WebSocket', sse: 'SSE' } as const

interface Bench {
  readonly name: string
  readonly load: LoadProcess
}

/** One channel with many subscribers, by the number of processes and by what carries the messages between them. */
export async function benchFanout(options: ClusterOptions, stopped: AbortSignal): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const redis = await openBenchRedis(stopped)
  if (redis !== null) opened.use(redis)
  const clusters = await openClusters({ members: options.members, redis, stopped }, opened)
  for (const transport of ['ws', 'sse'] as const) {
    await using connected = new AsyncDisposableStack()
    const benches: Bench[] = []
    for (const cluster of clusters) {
      if (stopped.aborted) return
      tell(`${options.clients} subscribers connect over ${titles[transport]}: ${cluster.name}`)
      const bench = { name: cluster.name, load: connected.use(openLoadProcess(cluster.name, stopped)) }
      await connect(bench, { cluster, transport, redis, clients: options.clients }, connected)
      benches.push(bench)
    }
    await measure(benches, `${options.clients} subscribers over ${titles[transport]}`, options, stopped)
    if (stopped.aborted) return
    console.log()
  }
}

interface Clients {
  readonly cluster: Cluster
  readonly transport: 'ws' | 'sse'
  /** Whose work counts, too. */
  readonly redis: BenchRedis | null
  readonly clients: number
}

async function connect({ load }: Bench, clients: Clients, connected: AsyncDisposableStack): Promise<void> {
  const { cluster, transport, redis } = clients
  const system = connected.use(await clusterSystem(cluster, transport, redis))
  const { port, greeting } = system
  const server = { port, greeting, controlPort: await openControl(system) }
  await load.ask({ kind: 'connect', server, clients: clients.clients })
}

async function measure(
  benches: readonly Bench[],
  title: string,
  { rounds, seconds, clients }: ClusterOptions,
  stopped: AbortSignal,
): Promise<void> {
  tell(`measuring ${title}, up to ${rounds} rounds`)
  // Each member has code of its own to compile: otherwise more of them would seem to cost more.
  for (const { load } of benches) await load.ask({ kind: 'measure', burst: 1, size: defaultSize, ms: warmUpMs })
  const spans = await measureRounds(benches, rounds, stopped, seconds * 1000)
  if (stopped.aborted) return
  const names = benches.map(({ name }) => name)
  printSpans(spans, names, `${title}, CPU of all processes and of Redis`)
  const rows: string[][] = []
  for (const { name, load } of benches) {
    if (stopped.aborted) return
    tell(`from publishing to receiving: ${name}`)
    const perSecond = deliveriesPerSecond / clients
    await load.ask({ kind: 'pace', perSecond, ms: seconds * 1000 })
    const { p50, p99, max } = await load.ask({ kind: 'pace', perSecond, ms: seconds * 4000 })
    rows.push([name, formatFigure(p50), formatFigure(p99), formatFigure(max)])
  }
  const rate = `${deliveriesPerSecond.toLocaleString('en')} deliveries/s`
  printTable(`${title}, from publishing to receiving, ms, ${rate}`, ['', 'p50', 'p99', 'max'], rows)
}
