import { describe, expect, it } from 'vitest'
import type { AlertKind, AlertReading } from '../../../../src/core/alerts.ts'
import type { LoadReading } from '../../../../src/services/operations/shedding/pressure.ts'
import { raiseLoadAlarms } from '../../../../src/services/operations/shedding/raise-load-alarms.ts'
import { fakeClock } from '../../../support/fake-clock.ts'

const reading = (sensor: LoadReading['sensor'], value: number): LoadReading => ({
  sensor,
  value,
  limit: 1_000,
})

function open() {
  const clock = fakeClock()
  const raised = new Map<AlertKind, AlertReading | null>()
  const tell = raiseLoadAlarms({ clock, alarms: { set: (kind, seen) => void raised.set(kind, seen) } })
  return {
    raised,
    /** It is so, at each look of so many seconds. */
    go(seconds: number, pressure: number, ...readings: readonly LoadReading[]) {
      for (let look = 0; look < seconds * 20; look += 1) {
        clock.advance(50)
        tell({ pressure, readings })
      }
    },
  }
}

describe('the alarms about load', () => {
  it('are raised when it has lasted, and cleared when it has been over for longer', () => {
    const { raised, go } = open()
    go(9, 0.4)
    expect(raised.get('OVERLOADED')).toBeNull()
    go(3, 0.4)
    expect(raised.get('OVERLOADED')).toEqual({
      value: 0.4,
      limit: 0,
      unit: 'RATIO',
      message: 'Some of this is refused, to keep the rest fast: new jobs, changes and new streams (pressure 0.40).',
    })
    go(20, 0)
    expect(raised.get('OVERLOADED')).not.toBeNull()
    go(12, 0)
    expect(raised.get('OVERLOADED')).toBeNull()
  })

  it('speak of the queue and of the store', () => {
    const { raised, go } = open()
    go(12, 0, reading('queue age', 1_500), reading('store latency', 2_345))
    expect(raised.get('QUEUE_OLD')?.message).toBe('Jobs wait for threads for 1.5 s or more.')
    expect(raised.get('STORE_SLOW')?.message).toBe('The database takes 2.3 s or more to answer.')
    expect(raised.get('OVERLOADED')).toBeNull()
  })
})
