import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOutage } from '../../../client/outage.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 0 }))
afterEach(() => void vi.useRealTimers())

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

describe('an outage', () => {
  it('lasts while there is no connection, and not while there is one', () => {
    const outage = createOutage()
    pass(100)
    expect(outage.ms).toBe(100)
    outage.up()
    pass(10_000_000)
    expect(outage.ms).toBe(0)
    outage.down()
    pass(50)
    outage.down()
    pass(50)
    expect(outage.ms).toBe(100)
  })

  it('is over with a connection, however many were lost before', () => {
    const outage = createOutage()
    for (let round = 0; round < 1_000; round += 1) {
      pass(1_000)
      outage.up()
      outage.down()
    }
    expect(outage.ms).toBe(0)
    pass(1_000)
    expect(outage.ms).toBe(1_000)
  })
})
