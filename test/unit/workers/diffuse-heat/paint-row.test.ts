import { describe, expect, it } from 'vitest'
import { paintRow } from '../../../../src/workers/tasks/diffuse-heat/paint-row.ts'

function paint(temperatures: readonly number[], scale: { readonly min: number; readonly max: number }): string {
  const pixels = Buffer.alloc(3 * temperatures.length)
  paintRow(Float64Array.from(temperatures), pixels, scale)
  return pixels.toString('hex')
}

describe('the colours of heat', () => {
  it('go from black to light yellow', () => {
    expect(paint([0, 100], { min: 0, max: 100 })).toBe('000004fcffa4')
  })

  it('get lighter with every degree', () => {
    const degrees = Array.from({ length: 101 }, (_, i) => i)
    const pixels = Buffer.from(paint(degrees, { min: 0, max: 100 }), 'hex')
    // Rec. 709 luma.
    const lightness = degrees.map(
      (i) => 0.2126 * (pixels[3 * i] ?? 0) + 0.7152 * (pixels[3 * i + 1] ?? 0) + 0.0722 * (pixels[3 * i + 2] ?? 0),
    )
    expect(lightness).toEqual(lightness.toSorted((a, b) => a - b))
  })

  it('stay in the scale, also where it has no width', () => {
    expect(paint([-1, 101], { min: 0, max: 100 })).toBe('000004fcffa4')
    expect(paint([5, 5], { min: 5, max: 5 })).toBe('000004000004')
  })
})
