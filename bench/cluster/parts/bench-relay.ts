import { setTimeout as sleep } from 'node:timers/promises'
import { tell } from '../../fanout/bench.ts'
import { formatFigure } from '../../jobs/print-figure.ts'
import { median, percentile } from '../../paired-rounds.ts'
import type { Cluster } from '../open-cluster.ts'
import { openClusters } from '../open-clusters.ts'
import type { ClusterOptions } from '../options.ts'
import { cpuUsOf } from '../processes.ts'
import { type BenchRedis, openBenchRedis } from '../redis-of-bench.ts'
import { openRelay } from '../relay.ts'
import { inRounds } from '../rounds.ts'
import { printTable } from '../table.ts'

/** Messages a second, and for how many times `--seconds` they are published: CPU is told in steps of 10 ms. */
const rates = [
  { perSecond: 50, times: 5 },
  { perSecond: 1000, times: 2 },
]
const mostRounds = 3

/** CPU µs for each message, without what the processes use when nothing is published; and ms. */
interface Measured {
  readonly publisher: number
  readonly primary: number
  readonly subscriber: number
  readonly redis: number
  readonly p50: number
  readonly p99: number
  readonly perSecond: number
}

interface Bench {
  readonly cluster: Cluster
  readonly redis: BenchRedis | null
}

/** A message that is published at one member and received at another, by what carries it. */
export async function benchRelay(options: ClusterOptions, stopped: AbortSignal): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const redis = await openBenchRedis(stopped)
  if (redis !== null) opened.use(redis)
  const clusters = await openClusters({ members: [2], redis, stopped }, opened)
  const benches = clusters.map((cluster, place) => ({ cluster, redis: place === 0 ? null : redis }))
  const rounds = Math.min(mostRounds, options.rounds)
  const rows: string[][] = []
  for (const { perSecond, times } of rates) {
    if (stopped.aborted) return
    tell(`measuring ${perSecond} messages a second from one member to another`)
    const seconds = options.seconds * times
    const measured = await inRounds(benches, { rounds, stopped }, (bench) => measure(bench, perSecond, seconds))
    for (const bench of benches) rows.push(rowOf(`${perSecond}/s, ${bench.cluster.name}`, measured.get(bench) ?? []))
  }
  if (stopped.aborted) return
  printTable(
    `From publishing at one member, through the API, to receiving at another, medians of ${rounds} paired rounds`,
    ['CPU µs per message', 'publisher', 'primary', 'Redis', 'subscriber', 'p50 ms', 'p99 ms', 'messages/s'],
    rows,
  )
  console.log()
}

async function measure(bench: Bench, perSecond: number, seconds: number): Promise<Measured> {
  const resting = await usageOf(bench)
  await sleep(seconds * 1000)
  const rested = await usageOf(bench)
  using relay = await openRelay(bench.cluster)
  // What connecting costs is not what is asked for.
  await relay.pace(Math.ceil(perSecond / 4), perSecond)
  const before = await usageOf(bench)
  const started = performance.now()
  const delays = await relay.pace(Math.ceil(seconds * perSecond), perSecond)
  const took = (performance.now() - started) / 1000
  const after = await usageOf(bench)
  const each = (of: Process) => {
    const idle = (usedBetween(resting, rested, of) * took) / seconds
    return (usedBetween(before, after, of) - idle) / delays.length
  }
  const ms = delays.map((us) => us / 1000)
  return {
    publisher: each(relay.publisher),
    primary: each(bench.cluster.primary ?? Number.NaN),
    subscriber: each(relay.subscriber),
    redis: each('redis'),
    p50: median(ms),
    p99: percentile(ms, 0.99),
    perSecond: delays.length / took,
  }
}

/** Its id; Redis has none here. */
type Process = number | 'redis'

async function usageOf({ cluster, redis }: Bench): Promise<ReadonlyMap<Process, number>> {
  const usage = new Map<Process, number>()
  for (const pid of [...cluster.members, cluster.primary]) if (pid !== null) usage.set(pid, cpuUsOf(pid))
  if (redis !== null) usage.set('redis', await redis.cpuUs())
  return usage
}

function usedBetween(
  before: ReadonlyMap<Process, number>,
  after: ReadonlyMap<Process, number>,
  process: Process,
): number {
  return (after.get(process) ?? Number.NaN) - (before.get(process) ?? Number.NaN)
}

function rowOf(title: string, measured: readonly Measured[]): string[] {
  const names = ['publisher', 'primary', 'redis', 'subscriber', 'p50', 'p99', 'perSecond'] as const
  return [title, ...names.map((name) => formatFigure(median(measured.map((each) => each[name]))))]
}
