import { describe, expect, it } from 'vitest'
import { dateOf, typeOfCell } from '../../../../src/workers/tasks/profile-table/cell-type.ts'

const words = (text: string): readonly string[] => text.split(/\s+/)

describe('the type of a cell', () => {
  it.each([
    ['INTEGER', ['0', '-0', '42', '+7', '-12345678901234567890']],
    ['NUMBER', ['0.5', '.5', '5.', '-1.25', '+0.0', '1e3', '1E-3', '-2.5e+10', '0e0']],
    ['BOOLEAN', ['true', 'false', 'TRUE', 'False']],
    ['DATE', ['2024-02-29', '2024/02/29', '2024-02-29T23:59:60Z', '2024-01-01 10:00', '2024-01-01T10:00:00.123+02:00']],
    [
      'TEXT',
      words(
        `00501 01 -01 00.5 1,000 0x10 1e999 - + . e5 1e ١ Infinity NaN yes truefalse null a1 1a 2024-02-30 2023-02-29
        2024-13-01 2024-1-1 2024-01/01 2024-01-01T25:00 01/17/2010 2024-01-01x 20240101T10`,
      ),
    ],
  ])('%s', (type, texts) => {
    expect(texts.map((text) => [text, typeOfCell(text)])).toEqual(texts.map((text) => [text, type]))
  })

  it('reads a date as UTC unless it names a zone', () => {
    expect(dateOf('2024-03-01')).toBe(Date.UTC(2024, 2, 1))
    expect(dateOf('2024-03-01 12:30')).toBe(Date.UTC(2024, 2, 1, 12, 30))
    expect(dateOf('2024-03-01T12:30:15Z')).toBe(Date.UTC(2024, 2, 1, 12, 30, 15))
    expect(dateOf('2024-03-01T12:30:15+02:00')).toBe(Date.UTC(2024, 2, 1, 10, 30, 15))
    expect(dateOf('2024-03-01T12:30:15.5-0530')).toBe(Date.UTC(2024, 2, 1, 18, 0, 15))
    expect(dateOf('2024-02-30')).toBeNull()
    expect(dateOf('soon')).toBeNull()
  })
})
