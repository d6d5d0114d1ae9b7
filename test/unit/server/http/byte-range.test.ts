import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteRange } from '../../../../src/server/http/byte-range.ts'

describe('a byte range of 100 bytes', () => {
  it.each([
    ['bytes=0-49', { start: 0, end: 49 }],
    ['bytes=50-', { start: 50, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['bytes=0-1000', { start: 0, end: 99 }],
    ['bytes=99-99', { start: 99, end: 99 }],
    ['bytes = 0 - 1', { start: 0, end: 1 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=1000-2000', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=10-5', null],
    ['bytes=-', null],
    ['bytes=0-1,5-6', null],
    ['items=0-1', null],
    ['bytes=a-b', null],
    ['bytes=0x0-0x5', null],
    [`bytes=${'9'.repeat(40)}-`, null],
    ['', null],
    [null, null],
  ])('asked for as %s is %o', (header, expected) => {
    expect(byteRange(header, 100)).toEqual(expected)
  })

  it('is always within the file', () => {
    const ends = fc.option(fc.nat(300), { nil: '' })
    fc.assert(
      fc.property(ends, ends, fc.integer({ min: 1, max: 200 }), (first, last, size) => {
        const range = byteRange(`bytes=${first}-${last}`, size)
        if (range === null || range === 'unsatisfiable') return
        expect(range.start).toBeGreaterThanOrEqual(0)
        expect(range.end).toBeGreaterThanOrEqual(range.start)
        expect(range.end).toBeLessThan(size)
      }),
    )
  })
})
