import { describe, expect, it } from 'vitest'
import { isTerminal, jobStates } from '../../../src/core/job.ts'
import { type JobTransition, stateAfter, transitions } from '../../../src/services/jobs/transitions.ts'

// The keys of a literal table.
const names = Object.keys(transitions) as JobTransition[]

describe('the transitions of a job', () => {
  it('are these and no others', () => {
    const table = jobStates.flatMap((state) =>
      names.flatMap((name) => {
        const after = stateAfter(state, name)
        return after === null ? [] : [`${state} ${name} ${after}`]
      }),
    )
    expect(table).toEqual([
      'SCHEDULED promoted QUEUED',
      'SCHEDULED withdrawn CANCELLED',
      'QUEUED claimed RUNNING',
      'QUEUED withdrawn CANCELLED',
      'RUNNING succeeded SUCCEEDED',
      'RUNNING failed FAILED',
      'RUNNING lost QUEUED',
      'RUNNING crashed FAILED',
      'RUNNING handedBack QUEUED',
      'RUNNING cancelled CANCELLED',
    ])
  })

  it('never leave a terminal state', () => {
    const terminal = jobStates.filter(isTerminal)
    expect(terminal).toEqual(['SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED'])
    for (const state of terminal) expect(names.map((name) => stateAfter(state, name))).toEqual(names.map(() => null))
  })

  it('lead out of every other state to an end', () => {
    const reachable = (from: (typeof jobStates)[number], seen = new Set<string>()): boolean => {
      if (isTerminal(from)) return true
      if (seen.has(from)) return false
      seen.add(from)
      return names.some((name) => {
        const next = stateAfter(from, name)
        return next !== null && reachable(next, seen)
      })
    }
    for (const state of jobStates) expect(reachable(state)).toBe(true)
  })
})
