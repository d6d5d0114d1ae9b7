import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../../src/core/errors.ts'
import { refusedShare, type WorkClass, workClasses } from '../../../../src/core/shedding.ts'
import { admitsAll, createAdmission } from '../../../../src/services/operations/shedding/admission.ts'
import type { LoadReading } from '../../../../src/services/operations/shedding/pressure.ts'

/** An admission at that pressure, whose dice fall as given, again and again. */
function open(value: number, ...dice: readonly number[]) {
  let thrown = 0
  const random = () => dice[thrown++ % dice.length] ?? 0
  return createAdmission({ isOn: true, pressure: { value, reason: 'loop delay', over: [] }, random })
}

/** Evenly spread. */
const hundred = Array.from({ length: 100 }, (_, i) => i / 100)

function shareOf(workClass: WorkClass, value: number): number {
  const admission = open(value, ...hundred)
  return hundred.filter(() => admission.refuses(workClass)).length / 100
}

describe('admission', () => {
  it.each([
    [0, 0, 0, 0],
    [1 / 6, 0.5, 0, 0],
    [1 / 3, 1, 0, 0],
    [0.5, 1, 0.5, 0],
    [2 / 3, 1, 1, 0],
    [5 / 6, 1, 1, 0.5],
    [1, 1, 1, 1],
  ])('at pressure %f refuses work, then changes, then reads: %f, %f, %f', (pressure, ...shares) => {
    expect(workClasses.map((workClass) => refusedShare(workClass, pressure))).toEqual(
      shares.map((share) => expect.closeTo(share, 9)),
    )
    expect(workClasses.map((workClass) => shareOf(workClass, pressure))).toEqual(
      shares.map((share) => expect.closeTo(share, 1)),
    )
  })

  it('says when to come back, later the more is refused, and not to everybody the same', () => {
    const wait = (value: number, die: number) => open(value, die).retryAfterSeconds()
    expect([wait(0.1, 0), wait(0.1, 0.999)]).toEqual([1, 3])
    expect([wait(1, 0), wait(1, 0.5), wait(1, 0.999)]).toEqual([5, 10, 15])
  })

  it('refuses with OVERLOADED and a whole number of seconds', () => {
    const admission = open(1, 0.5)
    expect(() => admission.admit('read')).toThrow(
      expect.objectContaining({
        code: 'OVERLOADED',
        status: 503,
        message: 'The server has more to do than it can carry: try again after the given time.',
        details: { retryAfterSeconds: 10 },
      }),
    )
    expect(() => admission.admit('read')).toThrow(Refusal)
  })

  it('counts what it refused by class and reason', () => {
    const admission = open(0.5, 0.1)
    for (let i = 0; i < 3; i += 1) admission.refuses('work')
    admission.refuses('change')
    admission.refuses('read')
    expect(admission.refused).toEqual([
      { workClass: 'work', reason: 'loop delay', count: 3 },
      { workClass: 'change', reason: 'loop delay', count: 1 },
      { workClass: 'read', reason: 'loop delay', count: 0 },
    ])
    expect(admission.status()).toEqual({
      isOn: true,
      pressure: 0.5,
      over: [],
      refused: { work: 3, change: 1, read: 0 },
    })
  })

  it('refuses jobs to those who have as many as there are threads, while jobs wait for too long', () => {
    const waits = { sensor: 'queue age', value: 60_000, limit: 60_000 } as { value: number } & LoadReading
    const none = { value: 0, reason: null, over: [] }
    const admission = createAdmission({ isOn: true, pressure: none, queue: () => waits, threads: 2, random: () => 0.5 })
    admission.admitJob(1_000)
    expect(admission.status().over).toEqual([])
    waits.value = 60_001
    for (const unfinished of [0, 1]) admission.admitJob(unfinished)
    for (const unfinished of [2, 1_000])
      expect(() => admission.admitJob(unfinished)).toThrow(
        expect.objectContaining({
          code: 'OVERLOADED',
          message:
            'Jobs wait for too long, yours among them: try again after the given time, or when one of yours has ended.',
          details: { retryAfterSeconds: 10 },
        }),
      )
    admission.admit('work')
    expect(admission.refusedSoFar()).toEqual({ work: 2, change: 0, read: 0 })
    expect(admission.refused).toContainEqual({ workClass: 'work', reason: 'queue age', count: 2 })
    expect(admission.status()).toMatchObject({ pressure: 0, over: [waits], refused: { work: 2 } })
    const off = createAdmission({ isOn: false, pressure: none, queue: () => waits, threads: 2 })
    for (const lenient of [off, admitsAll]) lenient.admitJob(1_000)
  })

  it('refuses nothing where it is off', () => {
    const pressure = { value: 1, reason: 'memory', over: [] } as const
    const off = createAdmission({ isOn: false, pressure, random: () => 0 })
    for (const admission of [off, admitsAll]) {
      for (const workClass of workClasses) admission.admit(workClass)
      expect(admission.pressure).toBe(0)
      expect(admission.status()).toMatchObject({ isOn: false, pressure: 0 })
    }
  })
})
