import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../paired-rounds.ts'
import { cpuOf } from './cpu-of.ts'
import type { JobSystem } from './job-system.ts'
import { now } from './now.ts'

export interface SystemFigures {
  readonly system: JobSystem
  /** No-op jobs per second, the median of the rounds. */
  readonly perSecond: number
  /** How many times as many the first system does, the median of the ratios within a round. */
  readonly ratio: number
  /** CPU µs of one no-op job: of the main thread alone, and of the process with all its threads. */
  readonly mainUs: number
  readonly processUs: number
  /** Each ms from entering a job on an idle system to its first line. */
  readonly starts: readonly number[]
  /** Each ms of a computeFibonacci(10) from entering it to having the result. */
  readonly fibonaccis: readonly number[]
}

interface Round {
  readonly perSecond: number
  readonly mainUs: number
  readonly processUs: number
}

const rounds = 3
const roundMs = 1200
const singles = 150
const warmUp = 500

/** Has all systems do the same, in rounds in which each takes part. */
export async function measureSystems(systems: readonly JobSystem[]): Promise<readonly SystemFigures[]> {
  const counts = new Map<JobSystem, number>()
  for (const system of systems) counts.set(system, await jobsWithin(system, roundMs))
  const measured: Round[][] = systems.map(() => [])
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < systems.length; turn += 1) {
      const index = (turn + round) % systems.length
      const system = systems[index]
      if (system !== undefined) measured[index]?.push(await measureNoops(system, counts.get(system) ?? 1))
    }
  }
  const figures: SystemFigures[] = []
  for (const [index, system] of systems.entries()) {
    const own = measured[index] ?? []
    const ratios = own.map(({ perSecond }, round) => (measured[0]?.[round]?.perSecond ?? 0) / perSecond)
    figures.push({
      system,
      perSecond: median(own.map(({ perSecond }) => perSecond)),
      ratio: median(ratios),
      mainUs: median(own.map(({ mainUs }) => mainUs)),
      processUs: median(own.map(({ processUs }) => processUs)),
      starts: await repeatIdle(() => measureStart(system)),
      fibonaccis: await repeatIdle(() => timed(() => system.runFibonacci())),
    })
  }
  return figures
}

/** About how many no-op jobs fill so many ms; warms everything up besides. */
async function jobsWithin(system: JobSystem, ms: number): Promise<number> {
  await system.runNoops(warmUp)
  const { perSecond } = await measureNoops(system, 2 * warmUp)
  return Math.ceil((perSecond * ms) / 1000 / 100) * 100
}

async function measureNoops(system: JobSystem, count: number): Promise<Round> {
  const started = now()
  const { mainUs, processUs } = await cpuOf(() => system.runNoops(count))
  const seconds = (now() - started) / 1000
  return { perSecond: count / seconds, mainUs: mainUs / count, processUs: processUs / count }
}

async function repeatIdle(measure: () => Promise<number>): Promise<readonly number[]> {
  const values: number[] = []
  for (let time = 0; time < singles; time += 1) {
    await sleep(2)
    values.push(await measure())
  }
  return values
}

async function measureStart(system: JobSystem): Promise<number> {
  const entered = now()
  return (await system.startNoop()) - entered
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const started = now()
  await action()
  return now() - started
}
