import { describe, expect, it } from 'vitest'
import { recoveries } from '../../chaos/recoveries.ts'
import { legalEvidence } from './legal-evidence.ts'

/** A job of the evidence was lost at 101 and ran again at 100 + `nextAfter`; `over` is when the server as a whole ended. */
function recoveriesWith({ priority = 100, nextAfter = 7, over = 200 }) {
  const { history, record } = legalEvidence()
  const jobs = record.jobs.map((resting) => ({
    ...resting,
    job: { ...resting.job, priority },
    attempts: resting.attempts.map((one) => (one.fence === 2 ? { ...one, startedAt: 100 + nextAfter } : one)),
  }))
  const seen = history.map((one) => (one.type === 'ending' ? { ...one, at: over } : one))
  return recoveries({ history: seen, record: { ...record, jobs } })
}

describe('what became of the jobs of a member that was struck', () => {
  it('tells when they were handed back, and when the first went on', () => {
    expect(recoveriesWith({})).toEqual([{ by: 'killMember', jobs: 1, handedBackMs: 1, goesOnMs: 7, withinMs: 5 }])
  })

  it('does not tell when a job went on that had to wait for others', () => {
    expect(recoveriesWith({ priority: 10 })).toMatchObject([{ handedBackMs: 1, goesOnMs: null }])
  })

  it('tells nothing that the end of the whole server kept from happening', () => {
    expect(recoveriesWith({ nextAfter: 40, over: 150 })).toMatchObject([{ handedBackMs: 1, goesOnMs: 40 }])
    expect(recoveriesWith({ nextAfter: 40, over: 120 })).toMatchObject([{ handedBackMs: 1, goesOnMs: null }])
    expect(recoveriesWith({ over: 101 })).toEqual([])
  })
})
