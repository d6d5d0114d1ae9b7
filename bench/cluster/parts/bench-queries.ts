import { setTimeout as sleep } from 'node:timers/promises'
import { tell } from '../../fanout/bench.ts'
import { formatFigure } from '../../jobs/print-figure.ts'
import { median, percentile } from '../../paired-rounds.ts'
import { type Generators, openGenerators } from '../generators.ts'
import { graphqlRequest } from '../http-connection.ts'
import type { Cluster } from '../open-cluster.ts'
import { openClusters } from '../open-clusters.ts'
import type { ClusterOptions } from '../options.ts'
import { cpuUsOf } from '../processes.ts'
import { inRounds, pairedRatio } from '../rounds.ts'
import { printTable } from '../table.ts'

const connections = 32

/** Of each member, before anything is measured. */
const warmUpAnswers = 4000
const warmUpWithinMs = 60_000

/** From which part of a core on a process that makes requests may be what holds all up. */
const busy = 0.8

interface Measured {
  readonly perSecond: number
  /** CPU µs of a request: of all processes of the server, and of its primary alone. */
  readonly allUs: number
  readonly primaryUs: number
  readonly p50: number
  readonly p99: number
  /** CPU of the process that asked most, in cores. */
  readonly generator: number
}

/** Queries a second over keep-alive connections, and what each costs, by the number of processes. */
export async function benchQueries(options: ClusterOptions, stopped: AbortSignal): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const clusters = await openClusters({ members: options.members, redis: null, stopped }, opened)
  await printRest(clusters, options.seconds)
  const generators = opened.use(openGenerators(options.generators, stopped))
  const kinds = {
    '{ __typename }, of nobody': () => graphqlRequest({ query: '{ __typename }' }),
    '{ me { id email } }, with an access token': ({ user }: Cluster) =>
      graphqlRequest({ query: '{ me { id email } }' }, user.headers['authorization']),
  }
  for (const [title, requestOf] of Object.entries(kinds)) {
    if (stopped.aborted) return
    tell(`measuring ${title}`)
    const ms = options.seconds * 1000
    for (const cluster of clusters) await warmUp(cluster, generators, requestOf(cluster))
    const measured = await inRounds(clusters, { ...options, stopped }, (cluster) =>
      measureQueries(cluster, generators, { request: requestOf(cluster), ms }),
    )
    if (stopped.aborted) return
    printQueries(`${title}, ${connections} connections, medians of ${options.rounds} paired rounds`, clusters, measured)
    console.log()
  }
}

/** What the servers use when nobody asks for anything. */
async function printRest(clusters: readonly Cluster[], seconds: number): Promise<void> {
  tell('measuring them at rest')
  const before = clusters.map((cluster) => cluster.cpuUs())
  const started = performance.now()
  await sleep(seconds * 3000)
  const took = performance.now() - started
  const rows = clusters.map((cluster, place) => {
    const cores = (cluster.cpuUs() - (before[place] ?? 0)) / 1000 / took
    const processes = cluster.members.length + (cluster.primary === null ? 0 : 1)
    return [cluster.name, formatFigure(cores * 100), formatFigure((cores * 100) / processes)]
  })
  printTable('At rest, % of a core', ['', 'all processes', 'each'], rows)
  console.log()
}

/** Has each member answer so much that its code is compiled: otherwise more members would seem to cost more. */
async function warmUp({ port, members }: Cluster, generators: Generators, request: string): Promise<void> {
  const deadline = performance.now() + warmUpWithinMs
  await generators.connect(port, connections)
  for (let answers = 0; answers < warmUpAnswers * members.length && performance.now() < deadline;) {
    const asked = await generators.ask(request, 500)
    answers += asked.reduce((sum, { latencies }) => sum + latencies.length, 0)
  }
  await generators.disconnect()
}

async function measureQueries(
  cluster: Cluster,
  generators: Generators,
  { request, ms }: { readonly request: string; readonly ms: number },
): Promise<Measured> {
  const { port, primary } = cluster
  await generators.connect(port, connections)
  await generators.ask(request, ms / 4)
  const primaryUs = () => (primary === null ? 0 : cpuUsOf(primary))
  const before = { all: cluster.cpuUs(), primary: primaryUs() }
  const asked = await generators.ask(request, ms)
  const used = { all: cluster.cpuUs() - before.all, primary: primaryUs() - before.primary }
  await generators.disconnect()
  const latencies = asked.flatMap((each) => each.latencies)
  return {
    perSecond: asked.reduce((sum, each) => sum + (each.latencies.length / each.ms) * 1000, 0),
    allUs: used.all / latencies.length,
    primaryUs: primary === null ? Number.NaN : used.primary / latencies.length,
    p50: median(latencies),
    p99: percentile(latencies, 0.99),
    generator: Math.max(...asked.map((each) => each.cpuUs / 1000 / each.ms)),
  }
}

function printQueries(
  title: string,
  clusters: readonly Cluster[],
  measured: ReadonlyMap<Cluster, readonly Measured[]>,
): void {
  const valuesOf = (cluster: Cluster | undefined, name: keyof Measured) =>
    (cluster === undefined ? [] : (measured.get(cluster) ?? [])).map((each) => each[name])
  const rows = clusters.map((cluster) => {
    const shown = (name: keyof Measured) => formatFigure(median(valuesOf(cluster, name)))
    const ratio = (name: keyof Measured) => pairedRatio(valuesOf(cluster, name), valuesOf(clusters[0], name)).toFixed(2)
    return [
      cluster.name,
      shown('perSecond'),
      ratio('perSecond'),
      shown('allUs'),
      ratio('allUs'),
      shown('primaryUs'),
      shown('p50'),
      shown('p99'),
      shown('generator'),
    ]
  })
  const head = ['', 'req/s', '×', 'CPU µs', '×', 'of the primary', 'p50 ms', 'p99 ms', 'generator, cores']
  printTable(title, head, rows)
  const most = Math.max(...clusters.map((cluster) => median(valuesOf(cluster, 'generator'))))
  if (most > busy) console.log('  What asks was busy: --generators 2 may show more.')
}
