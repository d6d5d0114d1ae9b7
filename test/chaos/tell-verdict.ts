import { checks } from './check-history.ts'
import type { CheckName } from './check-history.ts'
import type { Recovery } from './recoveries.ts'
import type { Verdict } from './run-chaos.ts'

/** The most contradictions of one kind that are told. */
const mostTold = 5

/** What came of a run, in lines: what happened, then each invariant that did not hold with where it did not. */
export function tellVerdict(verdict: Verdict): string {
  const { violations, strikes, operations, history, record } = verdict
  const { jobs } = record
  const attempts = jobs.flatMap((resting) => resting.attempts)
  const lines = [
    `${operations} operations, ${history.length} observations, ${tally(history, ({ type }) => type)}`,
    `${strikes.length} strikes: ${tally(strikes, (name) => name)}`,
    `${jobs.length} jobs: ${tally(jobs, ({ job }) => job.state)}`,
    `${attempts.length} attempts: ${tally(attempts, ({ outcome }) => outcome ?? 'open')}`,
    ...tellCluster(verdict),
    tellLosses(verdict),
  ]
  const found = Map.groupBy(violations, ({ check, where }) => `${check} ${where}`)
  for (const [first, ...more] of found.values()) {
    if (first === undefined) continue
    lines.push('', `VIOLATED ${first.where}: ${first.sentence} (${first.check})`)
    for (const one of [first, ...more].slice(0, mostTold)) lines.push(`  ${one.found}`)
    if (more.length >= mostTold) lines.push(`  and ${more.length + 1 - mostTold} more`)
  }
  const held = `Each of ${Object.keys(checks).length} invariants held.`
  lines.push('', violations.length === 0 ? held : `${violations.length} contradictions.`)
  return lines.join('\n')
}

/** How many strikes at members had jobs to take back, and how long that took. */
function tellCluster({ recoveries, history }: Verdict): readonly string[] {
  const orphaned = history.flatMap((one) => (one.type === 'orphaned' ? (one.ms ?? Infinity) : []))
  const lines = [...Map.groupBy(recoveries, ({ by }) => by)].map(([by, all]) => tellRecoveries(by, all))
  return orphaned.length === 0 ? lines : [...lines, `members gone after their primary: ${tellMs(orphaned)}`]
}

function tellRecoveries(by: string, all: readonly Recovery[]): string {
  const jobs = all.reduce((sum, one) => sum + one.jobs, 0)
  const back = tellMs(all.map(({ handedBackMs }) => handedBackMs))
  const goesOn = tellMs(all.flatMap(({ goesOnMs }) => goesOnMs ?? []))
  return `${by}: ${jobs} jobs taken back ${back}; work goes on ${goesOn}`
}

function tellMs(times: readonly number[]): string {
  if (times.length === 0) return 'never'
  const sorted = times.toSorted((a, b) => a - b).map(Math.round)
  return `p50 ${sorted[Math.floor((sorted.length - 1) / 2)]} ms, max ${sorted.at(-1)} ms (${sorted.length} times)`
}

function tellLosses({ violations }: Verdict): string {
  const count = (name: CheckName) => violations.filter(({ check }) => check === name).length
  const lost = count('acknowledgedJobsEnd')
  return `${lost} jobs lost, ${count('oneResult')} double results, ${count('streamsAreGapless')} events lost without a gap`
}

function tally<Thing>(things: readonly Thing[], nameOf: (thing: Thing) => string): string {
  const groups = [...Map.groupBy(things, nameOf)].toSorted(([, a], [, b]) => b.length - a.length)
  return groups.map(([name, { length }]) => `${length} ${name}`).join(', ') || 'none'
}
