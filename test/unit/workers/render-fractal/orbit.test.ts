import { describe, expect, it } from 'vitest'
import { escapeCount, isInMainBulbs, smoothCount } from '../../../../src/workers/tasks/render-fractal/orbit.ts'

const limit = 10_000_000

function countAt(cRe: number, cIm: number): number {
  return escapeCount({ zRe: 0, zIm: 0, cRe, cIm }, limit)
}

describe('the steps until a point escapes', () => {
  // D. Boll, "Pi and the Mandelbrot set" (1991, 1992): steps times ε tend to π.
  it.each([
    [1e-1, 33],
    [1e-2, 315],
    [1e-3, 3_143],
    [1e-4, 31_417],
    [1e-5, 314_160],
    [1e-6, 3_141_593],
  ])('are those that Boll found at -0.75 + %f i: %i', (epsilon, published) => {
    expect(countAt(-0.75, epsilon)).toBe(published)
    expect(countAt(-0.75, -epsilon)).toBe(published)
  })

  it.each([
    [1e-1, 8],
    [1e-2, 30],
    [1e-3, 97],
    [1e-4, 312],
    [1e-5, 991],
    [1e-6, 3_140],
    [1e-7, 9_933],
  ])('are those that Boll found at 0.25 + %f: %i', (epsilon, published) => {
    expect(countAt(0.25 + epsilon, 0)).toBe(published)
  })

  it('are those of the sequence A300078 of the OEIS', () => {
    const published = [1, 18, 159, 1_586, 15_731, 157_085]
    expect(published.map((_, n) => countAt(-1.25 - 10 ** (-2 * n), 10 ** -n))).toEqual(published)
  })

  it('are those of the sequence A383750 of the OEIS', () => {
    const published = [1, 2, 4, 6, 8, 10, 11, 13, 15, 17, 19, 20, 22, 24, 26, 28, 29, 31, 33, 35]
    const counts = published.map((_, i) => {
      const n = i + 1
      return countAt(1 / n - 1 / 8, 2 / n ** 2 + (3 * Math.sqrt(3)) / 8)
    })
    expect(counts).toEqual(published)
  })

  it.each([
    ['the period 1', 0, 0],
    ['the period 2', -1, 0],
    ['the period 3', -0.122_561, 0.744_862],
    ['the tip of the antenna', -2, 0],
    ['a Misiurewicz point', 0, 1],
  ])('are endless at %s', (_, re, im) => {
    expect(countAt(re, im)).toBe(limit)
  })
})

describe('the two largest bulbs', () => {
  it('hold no point that escapes', () => {
    let inside = 0
    for (let im = -1.2; im <= 1.2; im += 0.03) {
      for (let re = -2; re <= 0.5; re += 0.03) {
        if (!isInMainBulbs(re, im)) continue
        inside += 1
        expect(escapeCount({ zRe: 0, zIm: 0, cRe: re, cIm: im }, 1_000)).toBe(1_000)
      }
    }
    // Their areas are 3π/8 and π/16.
    expect(inside * 0.03 ** 2).toBeCloseTo((7 * Math.PI) / 16, 1)
  })
})

describe('the smooth count', () => {
  const smoothAt = (cRe: number, cIm: number): number => {
    const orbit = { zRe: 0, zIm: 0, cRe, cIm }
    return smoothCount(orbit, escapeCount(orbit, 1_000))
  }

  it('stays near the count', () => {
    for (const [re, im] of [
      [0.4, 0.5],
      [-0.75, 0.05],
      [0.26, 0],
      [-1.3, 0.3],
      [1, 1],
    ] as const) {
      expect(Math.abs(smoothAt(re, im) - countAt(re, im))).toBeLessThan(1.5)
    }
  })

  it('has no jump where the count has', () => {
    const along = Array.from({ length: 2_000 }, (_, i) => 0.5 + i / 1_000)
    const counts = new Set(along.map((im) => countAt(-0.75, im)))
    expect(counts.size).toBeGreaterThan(3)
    const steps = along.slice(1).map((im, i) => Math.abs(smoothAt(-0.75, im) - smoothAt(-0.75, along[i] ?? 0)))
    expect(Math.max(...steps)).toBeLessThan(0.03)
  })
})
