import { describe, expect, it } from 'vitest'
import { checkHistory, checks } from '../../chaos/check-history.ts'
import { legalEvidence } from './legal-evidence.ts'
import { only, plant, plantedFaults } from './planted-faults.ts'

const plants = Object.entries(plantedFaults).flatMap(([check, faults]) =>
  Object.entries(faults).map(([fault, apply]) => ({ check, fault, apply })),
)

describe('the history checker', () => {
  it('finds nothing in a history that may be', () => {
    expect(checkHistory(legalEvidence())).toEqual([])
  })

  it('takes a stream that says itself that it has a gap', () => {
    const evidence = plant((evidence) => {
      const third = only(evidence, 'frame', 2)
      evidence.history.splice(evidence.history.indexOf(only(evidence, 'frame', 1)), 1)
      Object.assign(third, { event: 'JobSnapshot', opening: { status: 'snapshot', gap: true } })
    })
    expect(checkHistory(evidence)).toEqual([])
  })

  it('takes a job whose submit was refused, where it had been sent before without an answer', () => {
    const evidence = plant((evidence) => {
      plantedFaults.refusedLeavesNothing['a job that was entered although its owner was refused']?.(evidence)
      only(evidence, 'refused').unanswered = 1
    })
    expect(checkHistory(evidence)).toEqual([])
  })

  it('takes a stream that was open when the history was cut off', () => {
    const { history, ...rest } = legalEvidence()
    const seen = history.filter((one) => one.type !== 'streamEnded' && one.type !== 'read')
    expect(checkHistory({ ...rest, history: seen, isCutOff: true })).toEqual([])
  })

  it.each(plants)('sees $fault ($check)', ({ check, apply }) => {
    const violations = checkHistory(plant(apply))
    expect(violations.map((violation) => violation.check)).toContain(check)
    for (const { found, sentence } of violations) expect(`${sentence} ${found}`).toMatch(/\S\. \S/)
  })

  it('has a planted fault for each invariant', () => {
    expect(Object.keys(plantedFaults).toSorted()).toEqual(Object.keys(checks).toSorted())
  })
})
