import { describe, expect, it } from 'vitest'
import { createPace } from '../../../src/services/jobs/pace.ts'

function pacing() {
  let at = 0
  const pace = createPace(() => at)
  return {
    pace,
    pass(ms: number) {
      at += ms
    },
    end(times: number, everyMs: number) {
      for (let time = 0; time < times; time += 1) {
        at += everyMs
        pace.ended()
      }
    },
  }
}

describe('the pace of a node', () => {
  it('is that nothing is claimed ahead at first', () => {
    const { pace, end } = pacing()
    expect(pace.ahead).toBe(0)
    end(5, 0.1)
    expect(pace.ahead).toBe(0)
  })

  it('is that more is claimed ahead the faster attempts end, up to 64', () => {
    const { pace, end } = pacing()
    end(200, 2)
    expect(pace.ahead).toBeGreaterThanOrEqual(9)
    expect(pace.ahead).toBeLessThanOrEqual(10)
    end(200, 0.1)
    expect(pace.ahead).toBe(64)
  })

  it('is that nothing is claimed ahead of attempts that take long', () => {
    const { pace, end } = pacing()
    end(200, 30)
    expect(pace.ahead).toBe(0)
  })

  it('is over as soon as nothing ends any more', () => {
    const { pace, end, pass } = pacing()
    end(200, 0.1)
    pass(21)
    expect(pace.ahead).toBe(0)
  })
})
