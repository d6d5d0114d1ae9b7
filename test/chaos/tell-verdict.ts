import { checks } from './check-history.ts'
import type { Verdict } from './run-chaos.ts'

/** The most contradictions of one kind that are told. */
const mostTold = 5

/** What came of a run, in lines: what happened, then each invariant that did not hold with where it did not. */
export function tellVerdict({ violations, strikes, operations, history, record }: Verdict): string {
  const { jobs } = record
  const attempts = jobs.flatMap((resting) => resting.attempts)
  const lines = [
    `${operations} operations, ${history.length} observations, ${tally(history, ({ type }) => type)}`,
    `${strikes.length} strikes: ${tally(strikes, (name) => name)}`,
    `${jobs.length} jobs: ${tally(jobs, ({ job }) => job.state)}`,
    `${attempts.length} attempts: ${tally(attempts, ({ outcome }) => outcome ?? 'open')}`,
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

function tally<Thing>(things: readonly Thing[], nameOf: (thing: Thing) => string): string {
  const groups = [...Map.groupBy(things, nameOf)].toSorted(([, a], [, b]) => b.length - a.length)
  return groups.map(([name, { length }]) => `${length} ${name}`).join(', ') || 'none'
}
