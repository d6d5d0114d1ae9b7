import { parseArgs } from 'node:util'
import {
  measureMixed,
  measureOverload,
  type OverloadFigures,
  type OverloadOptions,
  timesCapacity,
} from './overload/measure.ts'
import type { Latencies, LoadOutcome, Watched } from './overload/messages.ts'
import { assertTwoCores } from './overload/pinned.ts'
import { median } from './paired-rounds.ts'

/** How many times the normal p99 that of what is accepted may be. */
const mostRatio = 3
/** A pressure below it is none. */
const noPressure = 0.01

/** `npm run bench overload`; says whether all targets were met. */
export async function overload(): Promise<boolean> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      connections: { type: 'string', default: '500' },
      seconds: { type: 'string', default: '20' },
      rounds: { type: 'string', default: '3' },
    },
  })
  assertTwoCores()
  const options = { connections: Number(values.connections), seconds: Number(values.seconds) }
  const stopped = new AbortController()
  const stop = () => stopped.abort()
  process.once('SIGINT', stop)
  try {
    return await measureAll(options, Number(values.rounds), stopped.signal)
  } finally {
    process.off('SIGINT', stop)
  }
}

async function measureAll(options: OverloadOptions, rounds: number, stopped: AbortSignal): Promise<boolean> {
  const shed: OverloadFigures[] = []
  for (let round = 0; round < rounds; round += 1) {
    const figures = await measureOverload('on', options, stopped)
    tell('LOAD_SHEDDING=on', figures)
    shed.push(figures)
  }
  tell('LOAD_SHEDDING=off', await measureOverload('off', options, stopped))
  const [mixed, seen] = await measureMixed(options, median(shed.map(({ capacity }) => capacity)), stopped)
  console.log('new jobs beyond what it can carry, with reads and cancels:')
  for (const outcome of mixed) console.log(`  ${outcome.name}: ${sentence(outcome)}`)
  tellPressure(seen)

  const ratio = median(shed.map((figures) => figures.ratio))
  const returns = Math.max(...shed.map(({ overWatched }) => returnsToNone(overWatched)))
  const served = mixed
    .filter(({ name }) => name !== 'new jobs')
    .every(({ accepted, offered }) => accepted >= 0.99 * offered)
  const verdicts: readonly (readonly [string, boolean])[] = [
    [`p99 of what is accepted, times the normal one: ${ratio.toFixed(2)} (at most ${mostRatio})`, ratio <= mostRatio],
    [`returns of the pressure to none under the load: ${returns} (none)`, returns === 0],
    ['reads and cancels are served while new jobs are refused', served],
  ]
  for (const [text, isMet] of verdicts) console.log(`${isMet ? 'met' : 'MISSED'}  ${text}`)
  return verdicts.every(([, isMet]) => isMet)
}

function tell(name: string, { capacity, normal, over, overWatched, ratio }: OverloadFigures): void {
  console.log(`${name}: ${capacity.toFixed(0)} queries/s can be carried`)
  console.log(`  normal: ${sentence(normal)}`)
  console.log(`  ${timesCapacity} times what it can carry: ${sentence(over)}; ratio ${ratio.toFixed(2)}`)
  tellPressure(overWatched)
}

function sentence(outcome: LoadOutcome): string {
  const { seconds, offered, accepted, refused, failed, unsent, acceptedMs, whole, generatorCores } = outcome
  const perSecond = (count: number) => `${Math.round(count / seconds)}/s`
  return [
    `offered ${perSecond(offered)}, accepted ${perSecond(accepted)}, refused ${perSecond(refused)}`,
    `failed ${failed}, not sent ${perSecond(unsent)}`,
    `accepted ${times(acceptedMs)}; with the first seconds ${times(whole)}`,
    `generator ${generatorCores.toFixed(2)} cores`,
  ].join('; ')
}

function times(latencies: Latencies | null): string {
  if (latencies === null) return 'none'
  const { p50, p99, max } = latencies
  return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, max ${max.toFixed(0)} ms`
}

function tellPressure(seen: Watched): void {
  const { pressures, cores } = seen
  const after = pressures.slice(settledFrom(pressures))
  const range = after.length === 0 ? 'none' : `${Math.min(...after).toFixed(2)} to ${Math.max(...after).toFixed(2)}`
  console.log(`  pressure ${range}, back at none ${returnsToNone(seen)} times; server ${cores.toFixed(2)} cores`)
}

function returnsToNone({ pressures }: Watched): number {
  return pressures.filter((pressure, i) => pressure < noPressure && (pressures[i - 1] ?? 0) >= noPressure).length
}

/** From where on it has been raised. */
function settledFrom(pressures: readonly number[]): number {
  const at = pressures.findIndex((pressure) => pressure >= noPressure)
  return at === -1 ? pressures.length : at
}
