import { type Outcome, isFailure } from './run-suite.ts'
import { sections } from './suite.ts'

const words = { ok: 'ok', failed: 'FAILED', impossible: 'FAILED', skipped: 'skipped' } as const

/** One line on one check. */
export function tellOutcome({ check, state, note }: Outcome): string {
  const word = state !== 'ok' && state !== 'skipped' && check.level === 'SHOULD' ? 'warning' : words[state]
  const about = note === '' ? '' : `: ${state === 'impossible' ? 'could not be made: ' : ''}${note}`
  const place = `${check.rule} ${sectionOf(check.rule)}`
  return `${word.padEnd(8)} ${check.level.padEnd(6)} ${check.id.padEnd(26)} ${check.says} (${place})${about}`
}

/** How it went in one line. */
export function tellSummary(outcomes: readonly Outcome[]): string {
  const count = (holds: (outcome: Outcome) => boolean) => outcomes.filter(holds).length
  const failed = count(isFailure)
  const warnings = count((outcome) => !isFailure(outcome) && ['failed', 'impossible'].includes(outcome.state))
  const ok = count(({ state }) => state === 'ok')
  const skipped = count(({ state }) => state === 'skipped')
  return `${outcomes.length} checks: ${ok} ok, ${failed} failed, ${warnings} warnings, ${skipped} skipped`
}

/** All of it for a program to read. */
export function reportOf(url: string, outcomes: readonly Outcome[]): object {
  return {
    url,
    conforms: !outcomes.some(isFailure),
    checks: outcomes.map(({ check, state, note }) => ({
      id: check.id,
      rule: check.rule,
      section: sectionOf(check.rule),
      level: check.level,
      says: check.says,
      state,
      note,
    })),
  }
}

function sectionOf(rule: string): string {
  return sections[rule.charAt(0)] ?? ''
}
