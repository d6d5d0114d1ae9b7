import { describe, expect, it } from 'vitest'
import { initialTemperature } from '../../../../src/workers/tasks/diffuse-heat/initial-temperature.ts'
import { heatOf } from './spread.ts'

const spot = (across: number, temperature: number) => ({ across, down: 0.5, radius: 0.2, temperature })

describe('the plate at the start', () => {
  it('has its spots where they are said to be, the later over the earlier', () => {
    const spots = [spot(0.5, 100), spot(0.65, 50)]
    const at = initialTemperature(heatOf({ columns: 101, rows: 51, initial: { shape: 'HOT_SPOTS', spots } }))
    expect([at(25, 50), at(25, 65), at(25, 29), at(25, 86), at(1, 50)]).toEqual([50, 50, 20, 20, 20])
    expect([at(25, 30), at(25, 44), at(25, 45)]).toEqual([100, 100, 50])
  })

  it('has the squares of a checkerboard', () => {
    const input = heatOf({ columns: 32, rows: 16, edges: 'INSULATED', initial: { shape: 'CHECKERBOARD', squares: 4 } })
    const at = initialTemperature(input)
    expect([at(0, 0), at(0, 7), at(0, 8), at(8, 0), at(8, 8)]).toEqual([100, 100, 20, 20, 100])
  })

  it('has its fixed edges at the ambient temperature, whatever the shape', () => {
    const at = initialTemperature(heatOf({ columns: 32, rows: 32, initial: { shape: 'CHECKERBOARD', squares: 1 } }))
    expect([at(0, 5), at(31, 5), at(5, 0), at(5, 31), at(1, 1)]).toEqual([20, 20, 20, 20, 100])
  })
})
