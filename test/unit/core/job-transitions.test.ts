import { describe, expect, it } from 'vitest'
import { isTerminal, type JobState, jobStates } from '../../../src/core/job.ts'
import { transitions } from '../../../src/core/job-transitions.ts'

const table: readonly (readonly [string, { readonly from: readonly JobState[]; readonly to: JobState }])[] =
  Object.entries(transitions)

const nextOf = (state: JobState) => table.filter(([, { from }]) => from.includes(state)).map(([, { to }]) => to)

describe('the transitions of a job', () => {
  it('are these and no others', () => {
    expect(table.flatMap(([name, { from, to }]) => from.map((state) => `${state} ${name} ${to}`))).toEqual([
      'SCHEDULED promoted QUEUED',
      'QUEUED claimed RUNNING',
      'RUNNING succeeded SUCCEEDED',
      'RUNNING failed FAILED',
      'RUNNING retried SCHEDULED',
      'RUNNING lost QUEUED',
      'RUNNING crashed FAILED',
      'RUNNING handedBack QUEUED',
      'SCHEDULED withdrawn CANCELLED',
      'QUEUED withdrawn CANCELLED',
      'RUNNING cancelled CANCELLED',
      'QUEUED unwanted FAILED',
      'SCHEDULED expired EXPIRED',
      'QUEUED expired EXPIRED',
    ])
  })

  it('never leave a terminal state', () => {
    const terminal = jobStates.filter(isTerminal)
    expect(terminal).toEqual(['SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED'])
    for (const state of terminal) expect(nextOf(state)).toEqual([])
  })

  it('lead out of every other state to an end', () => {
    const reachesEnd = (from: JobState, seen = new Set<JobState>()): boolean => {
      if (isTerminal(from)) return true
      if (seen.has(from)) return false
      seen.add(from)
      return nextOf(from).some((next) => reachesEnd(next, seen))
    }
    for (const state of jobStates) expect(reachesEnd(state)).toBe(true)
  })
})
