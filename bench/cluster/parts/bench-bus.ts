import { tell } from '../../fanout/bench.ts'
import { formatFigure } from '../../jobs/print-figure.ts'
import { median, percentile } from '../../paired-rounds.ts'
import type { BusOrders } from '../bus-messages.ts'
import { type BusEnds, type BusUsage, openBusEnds } from '../open-bus-ends.ts'
import type { ClusterOptions } from '../options.ts'
import { openBenchRedis } from '../redis-of-bench.ts'
import { inRounds } from '../rounds.ts'
import { printTable } from '../table.ts'

/** Messages that are under way at once in a flood: less than what any bus holds back or drops. */
const portion = 1600
/** Messages of a flood. */
const flooded = 10 * portion

type Load =
  | ({ readonly kind: 'flood' } & Omit<BusOrders['flood'], 'messages'>)
  | ({ readonly kind: 'pace' } & Omit<BusOrders['pace'], 'messages'>)

const loads: Readonly<Record<string, Load>> = {
  'one per turn': { kind: 'flood', perTurn: 1 },
  '16 per turn': { kind: 'flood', perTurn: 16 },
  '50/s': { kind: 'pace', perSecond: 50 },
  '1,000/s': { kind: 'pace', perSecond: 1000 },
}

/** CPU µs for each message, and ms from publishing to hearing, which say nothing of a flood. */
interface Measured extends BusUsage {
  readonly p50: number
  readonly p99: number
}

/** What a message costs on its way from one process to another, without servers. */
export async function benchBus(options: ClusterOptions, stopped: AbortSignal): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const redis = await openBenchRedis(stopped)
  if (redis !== null) opened.use(redis)
  const buses = [opened.use(openBusEnds(null, stopped))]
  if (redis !== null) buses.push(opened.use(openBusEnds(redis, stopped)))
  const rows: string[][] = []
  for (const [title, load] of Object.entries(loads)) {
    tell(`measuring the bus alone: ${title}`)
    const measured = await inRounds(buses, { ...options, stopped }, (bus) => measure(bus, load, options.seconds))
    if (stopped.aborted) return
    for (const bus of buses) rows.push(rowOf(`${title} by ${bus.name}`, measured.get(bus) ?? []))
  }
  printTable(
    `The bus alone, messages of 200 bytes to one other process, medians of ${options.rounds} paired rounds`,
    ['CPU µs per message', 'publisher', 'primary or Redis', 'subscriber', 'all', 'p50 ms', 'p99 ms'],
    rows,
  )
  console.log()
}

async function measure(bus: BusEnds, load: Load, seconds: number): Promise<Measured> {
  const before = await bus.usage()
  const delays = load.kind === 'flood' ? await flood(bus, load.perTurn) : await pace(bus, load.perSecond, seconds)
  const after = await bus.usage()
  const each = (name: keyof BusUsage) => (after[name] - before[name]) / delays.length
  const ms = load.kind === 'flood' ? [] : delays.map((us) => us / 1000)
  return {
    publisher: each('publisher'),
    between: each('between'),
    subscriber: each('subscriber'),
    p50: median(ms),
    p99: percentile(ms, 0.99),
  }
}

async function flood(bus: BusEnds, perTurn: number): Promise<readonly number[]> {
  const delays: number[] = []
  while (delays.length < flooded) delays.push(...(await bus.relay('flood', { messages: portion, perTurn })))
  return delays
}

function pace(bus: BusEnds, perSecond: number, seconds: number): Promise<readonly number[]> {
  return bus.relay('pace', { messages: Math.ceil(2 * seconds * perSecond), perSecond })
}

function rowOf(title: string, measured: readonly Measured[]): string[] {
  const shown = (of: (each: Measured) => number) => formatFigure(median(measured.map(of)))
  return [
    title,
    shown(({ publisher }) => publisher),
    shown(({ between }) => between),
    shown(({ subscriber }) => subscriber),
    shown(({ publisher, between, subscriber }) => publisher + between + subscriber),
    shown(({ p50 }) => p50),
    shown(({ p99 }) => p99),
  ]
}
