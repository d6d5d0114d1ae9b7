import { printFigure } from '../../jobs/print-figure.ts'
import { latencies } from '../../latencies.ts'
import { median, percentile } from '../../paired-rounds.ts'
import { openBenchWith, tell } from '../bench.ts'
import type { FanoutOptions } from '../options.ts'
import type { VariantName } from '../variants.ts'

const names: readonly VariantName[] = [
  'raw ws',
  'Millrace ws',
  'graphql-ws',
  'Mercurius',
  'Socket.IO',
  'raw SSE',
  'Millrace SSE',
  'Millrace poll',
]
/** With the other numbers of clients: what can be had at all, and what is. */
const fewNames: readonly VariantName[] = ['raw ws', 'Millrace ws', 'raw SSE', 'Millrace SSE']
const own: readonly VariantName[] = ['Millrace ws', 'Millrace SSE', 'Millrace poll']

const deliveriesPerSecond = 10_000
/** Of polls, which are whole requests. */
const answersPerSecond = 1000

/** The targets are for so many clients: with 5,000 a raw broadcast alone takes about as long as the target. */
const targeted = 1000
const ms = 4000
const targetMs = 50
const otherTargetMs = 10

/** How long an event takes to everybody, and how long others wait meanwhile; says whether the targets were met. */
export async function benchLatency({ clients }: FanoutOptions, stopped: AbortSignal): Promise<boolean> {
  const numbers = clients.length > 1 ? clients.filter((number) => number >= 1000) : clients
  const met: boolean[] = []
  for (const number of numbers) {
    console.log(
      `From publishing to receiving, ms, ${deliveriesPerSecond.toLocaleString('en')} deliveries/s, ${number} clients`,
    )
    for (const name of number === numbers[0] ? names : fewNames) {
      if (stopped.aborted) return false
      tell(`${number} clients of ${name}`)
      met.push(await measureLatency(name, number, stopped))
    }
    console.log()
  }
  return met.every(Boolean)
}

async function measureLatency(name: VariantName, clients: number, stopped: AbortSignal): Promise<boolean> {
  await using bench = await openBenchWith(name, clients, stopped)
  const { load, server } = bench
  const isPoll = name === 'Millrace poll'
  const perSecond = (isPoll ? answersPerSecond : deliveriesPerSecond) / clients
  await load.ask({ kind: 'pace', perSecond, ms: ms / 4 })
  const paced = load.ask({ kind: 'pace', perSecond, ms })
  const others = own.includes(name) ? latencies(server.facts.port, paced) : null
  const { p50, p99, max } = await paced
  const isTargeted = others !== null && !isPoll && clients === targeted
  const shown = `${name.padEnd(14)} p50 ${p50.toFixed(1)}  max ${max.toFixed(1)}  p99`
  const met = [printFigure(shown, p99, 'ms', isTargeted ? { most: targetMs } : null)]
  if (others !== null) {
    const asked = await others
    const sentence = `${''.padEnd(14)} somebody's query meanwhile: p50 ${median(asked).toFixed(1)}  p99`
    met.push(printFigure(sentence, percentile(asked, 0.99), 'ms', isTargeted ? { most: otherTargetMs } : null))
  }
  return met.every(Boolean)
}
