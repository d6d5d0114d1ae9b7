import { printFigure } from '../../jobs/print-figure.ts'
import { median } from '../../paired-rounds.ts'
import { type Bench, openBenchWith, tell } from '../bench.ts'
import type { FanoutOptions } from '../options.ts'
import { printSpans } from './print-spans.ts'
import { measureRounds } from './rounds.ts'

const names = ['node:http', 'Millrace poll'] as const

/** Connections that ask for what has happened already. */
const askers = 32
const askMs = 400

const heldMs = 60

/** µs of each answer, by round. */
type Costs = Record<(typeof names)[number], number[]>

const target = { most: 1.5 }

/** What an answer to a long poll costs, of those that wait and of those that come late; says whether the targets were met. */
export async function benchPoll({ clients, rounds }: FanoutOptions, stopped: AbortSignal): Promise<boolean> {
  const met: boolean[] = []
  for (const number of clients) {
    await using opened = new AsyncDisposableStack()
    const benches: Bench[] = []
    for (const name of names) {
      if (stopped.aborted) return false
      tell(`${number} clients of ${name} connect`)
      benches.push(opened.use(await openBenchWith(name, number, stopped)))
    }
    tell(`measuring polls with ${number} clients, up to ${rounds} rounds`)
    const spans = await measureRounds(benches, rounds, stopped)
    if (stopped.aborted) return false
    printSpans(spans, names, `${number} clients poll and wait`)
    const ratio = spans.ratio('Millrace poll', 'node:http', 1)
    const isTargeted = number >= 1000
    met.push(
      printFigure('a whole request that waits, against a constant answer', ratio, '×', isTargeted ? target : null),
    )
    met.push(await benchHeld(benches, rounds, isTargeted))
    console.log()
  }
  return (await benchAnswers(rounds, stopped)) && met.every(Boolean)
}

/** The answer alone, to who has asked before. */
async function benchHeld(benches: readonly Bench[], rounds: number, isTargeted: boolean): Promise<boolean> {
  const costs: Costs = { 'node:http': [], 'Millrace poll': [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, load } of round % 2 === 0 ? benches : benches.toReversed()) {
      const span = await load.ask({ kind: 'held', burst: 1, ms: heldMs })
      costs[name as keyof Costs].push(span.cpuUs / span.deliveries) // one of `names`
    }
  }
  for (const name of names) printFigure(`${name}, the answer alone, to who waits`, median(costs[name]), 'µs')
  return printFigure(
    'Millrace against a constant answer, the answer alone',
    ratioOf(costs),
    '×',
    isTargeted ? target : null,
  )
}

/** Who asks for four events that have happened. */
async function benchAnswers(rounds: number, stopped: AbortSignal): Promise<boolean> {
  await using opened = new AsyncDisposableStack()
  const costs: Costs = { 'node:http': [], 'Millrace poll': [] }
  const benches: Bench[] = []
  for (const name of names) benches.push(opened.use(await openBenchWith(name, 1, stopped)))
  for (let round = -1; round < rounds && !stopped.aborted; round += 1) {
    for (const { name, load, server } of round % 2 === 0 ? benches : benches.toReversed()) {
      const span = await load.ask({ kind: 'answers', server: server.facts, clients: askers, ms: askMs })
      if (round >= 0) costs[name as keyof Costs].push(span.cpuUs / span.deliveries) // one of `names`
    }
  }
  if (stopped.aborted) return false
  console.log(`Polls for 4 events that have happened, over ${askers} connections`)
  for (const name of names) printFigure(name, median(costs[name]), 'µs')
  return printFigure('Millrace against a constant answer', ratioOf(costs), '×', target)
}

function ratioOf(costs: Costs): number {
  return median(costs['Millrace poll'].map((cost, round) => cost / (costs['node:http'][round] ?? Number.NaN)))
}
