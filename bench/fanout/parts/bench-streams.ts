import { printFigure } from '../../jobs/print-figure.ts'
import { openBenchWith, tell } from '../bench.ts'
import type { FanoutOptions } from '../options.ts'
import type { VariantName } from '../variants.ts'
import { printSpans, titles } from './print-spans.ts'
import { measureRounds, patterns, type Spans } from './rounds.ts'

interface Family {
  readonly raw: VariantName
  readonly own: VariantName
  readonly names: readonly VariantName[]
}

const families: Readonly<Record<'ws' | 'sse', Family>> = {
  ws: {
    raw: 'raw ws',
    own: 'Millrace ws',
    names: ['raw ws', 'Millrace ws', 'graphql-ws', 'Mercurius', 'Socket.IO'],
  },
  // The last two are of the other transport, and what the targets are set against.
  sse: {
    raw: 'raw SSE',
    own: 'Millrace SSE',
    names: ['raw SSE', 'Millrace SSE', 'graphql-sse', 'yoga SSE', 'graphql-ws', 'Mercurius'],
  },
}

/** The numbers of clients that the targets are for. */
const targeted = [1000, 5000]

/** What a delivery costs over WebSocket and SSE; says whether the targets were met. */
export async function benchStreams(
  transports: readonly ('ws' | 'sse')[],
  { clients, rounds }: FanoutOptions,
  stopped: AbortSignal,
): Promise<boolean> {
  const chosen = transports.map((transport) => families[transport])
  const names = [...new Set(chosen.flatMap((family) => family.names))]
  const met: boolean[] = []
  for (const number of clients) {
    await using opened = new AsyncDisposableStack()
    const benches = []
    for (const name of names) {
      if (stopped.aborted) return false
      tell(`${number} clients of ${name} connect`)
      benches.push(opened.use(await openBenchWith(name, number, stopped)))
    }
    benches.push(opened.use(await openBenchWith('Millrace to one', 1, stopped)))
    tell(`measuring ${names.length} systems with ${number} clients, up to ${rounds} rounds`)
    const spans = await measureRounds(benches, rounds, stopped)
    if (stopped.aborted) return false
    for (const family of chosen) {
      printSpans(spans, family.names, `${number} clients`)
      met.push(...printTargets(spans, family, number))
      console.log()
    }
  }
  return met.every(Boolean)
}

function printTargets(spans: Spans, { raw, own }: Family, clients: number): readonly boolean[] {
  for (const pattern of patterns) {
    const name = `${own} against ${raw}, ${titles[pattern]}, fan-out alone`
    printFigure(name, spans.fanoutRatio(own, raw, pattern, clients), '×')
  }
  if (!targeted.includes(clients)) return []
  const times = (other: VariantName, pattern: 1 | 4) => 1 / spans.ratio(own, other, pattern)
  return [
    printFigure(`${own} against ${raw}, one event at a time`, spans.ratio(own, raw, 1), '×', { most: 1.15 }),
    printFigure(`${own} against ${raw}, bursts`, spans.ratio(own, raw, 4), '×', { most: 0.5 }),
    printFigure(`graphql-ws against ${own}, one event at a time`, times('graphql-ws', 1), '×', { least: 4 }),
    printFigure(`graphql-ws against ${own}, bursts`, times('graphql-ws', 4), '×', { least: 8 }),
    printFigure(`Mercurius against ${own}, one event at a time`, times('Mercurius', 1), '×', { least: 4 }),
  ]
}
