import { describe, expect, it } from 'vitest'
import { heatInput } from '../../../../src/workers/tasks/diffuse-heat/heat-input.ts'
import { ratioOf, stepOfFrame, stepsOf } from '../../../../src/workers/tasks/diffuse-heat/time-steps.ts'
import { heatOf } from './spread.ts'

describe('the time step', () => {
  it.each([
    { spacing: 1, diffusivity: 111, seconds: 60, frames: 12 },
    { spacing: 0.001, diffusivity: 10_000, seconds: 1, frames: 2 },
    { spacing: 100, diffusivity: 0.1, seconds: 1, frames: 48 },
    { spacing: 1, diffusivity: 1, seconds: 0, frames: 2 },
  ])('is short enough to be stable, and there is one for each frame: %j', (course) => {
    expect(ratioOf(course)).toBeLessThanOrEqual(0.2)
    const taken = Array.from({ length: course.frames }, (_, frame) => stepOfFrame(course, frame))
    expect(new Set(taken).size).toBe(course.frames)
    expect(taken[0]).toBe(0)
    expect(taken.at(-1)).toBe(stepsOf(course))
  })

  it('is as long as is stable', () => {
    expect(stepsOf({ spacing: 1, diffusivity: 100, seconds: 60, frames: 2 })).toBe(30_000)
  })
})

it('refuses what would take too long, and says what to change', () => {
  const { initial } = heatOf()
  const huge = heatInput.safeParse({ columns: 2_048, rows: 2_048, spacing: 0.01, seconds: 3_600, initial })
  expect(huge.error?.issues).toMatchObject([
    {
      path: ['seconds'],
      message:
        'Too much to compute: points times time steps may be 200,000,000,000 at most. Take less time, fewer points or a wider spacing.',
    },
  ])
})
