import { describe, expect, it } from 'vitest'
import { maxValueBytes } from '../../../../src/core/value-limits.ts'
import { columnNames } from '../../../../src/workers/tasks/profile-table/table-profile.ts'
import { profileOf } from './profile-text.ts'

describe('the profile of a table', () => {
  it('types each column by all of its cells that are not empty', async () => {
    const { rows, columns } = await profileOf(
      [
        'whole,decimal,flag,day,zip,mixed,nothing',
        '1,1.5,true,2024-01-02,00501,1,',
        '-2,2,FALSE,2024-01-01 12:00,10001,x,""',
        ',,,,,,  ',
        '3,-1e1,false,2024-01-03,94110,2,',
      ].join('\n'),
    )
    expect(rows).toBe(4)
    expect(columns.map(({ name, type, nulls, distinct }) => [name, type, nulls, distinct])).toEqual([
      ['whole', 'INTEGER', 1, 3],
      ['decimal', 'NUMBER', 1, 3],
      ['flag', 'BOOLEAN', 1, 3],
      ['day', 'DATE', 1, 3],
      ['zip', 'TEXT', 1, 3],
      ['mixed', 'TEXT', 1, 3],
      ['nothing', 'EMPTY', 4, 0],
    ])
    expect(columns.map(({ earliest, latest }) => [earliest, latest])[3]).toEqual(['2024-01-01 12:00', '2024-01-03'])
    expect(columns.filter(({ quantiles }) => quantiles !== null).map(({ name }) => name)).toEqual(['whole', 'decimal'])
  })

  it('knows a column of numbers by its statistics', async () => {
    const { columns } = await profileOf('n\n 2\n4\n4\n4\n5\n5\n7\n9\n')
    const [n] = columns
    expect(n).toMatchObject({
      type: 'INTEGER',
      min: 2,
      max: 9,
      mean: 5,
      quantiles: { p05: 2.7, p25: 4, p50: 4.5, p75: 5.5 },
      quantilesAreEstimates: false,
      distinct: 5,
      distinctIsEstimate: false,
      minLength: 1,
      maxLength: 2,
      earliest: null,
    })
    expect(n?.standardDeviation).toBeCloseTo(Math.sqrt(32 / 7), 12)
    expect(n?.histogram.map(({ from, count }) => [from, count])).toEqual([
      [2, 1],
      [3, 0],
      [4, 3],
      [5, 2],
      [6, 0],
      [7, 1],
      [8, 0],
      [9, 1],
    ])
    expect(n?.topValues[0]).toEqual({ value: '4', count: 3 })
  })

  it('gives up on numbers when a text comes late', async () => {
    const { columns } = await profileOf('n\n1\n2\nNA\n')
    expect(columns[0]).toMatchObject({ type: 'TEXT', min: null, mean: null, quantiles: null, histogram: [], nulls: 0 })
  })

  it('counts the given texts as empty', async () => {
    const { columns } = await profileOf('n,text\n1, NA \nNA,-\n3,x\n', { nulls: ['NA', ' - '] })
    expect(columns.map(({ type, nulls, distinct }) => [type, nulls, distinct])).toEqual([
      ['INTEGER', 1, 2],
      ['TEXT', 2, 1],
    ])
  })

  it('has columns without rows for a header only', async () => {
    const { rows, columns } = await profileOf('a,b\n')
    expect(rows).toBe(0)
    expect(columns).toMatchObject([
      { name: 'a', type: 'EMPTY', nulls: 0, min: null, minLength: null },
      { name: 'b', type: 'EMPTY', topValues: [] },
    ])
  })

  it('takes the first row for data where there is no header', async () => {
    const { rows, columns } = await profileOf('1,x\n2,y\n', { header: false })
    expect(rows).toBe(2)
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['column 1', 'INTEGER'],
      ['column 2', 'TEXT'],
    ])
  })

  it('refuses more columns than it can tell of', async () => {
    const header = Array.from({ length: 251 }, (_, index) => `c${index}`).join(',')
    await expect(profileOf(`${header}\n`)).rejects.toThrow('The table has 251 columns; at most 250 are profiled.')
  })

  it.each([
    [
      'numbers',
      (row: number, column: number) => (row % 2 ? 1 : -1) * (1.234567890123456e-300 * (column + 1) + row * 1e-307),
    ],
    ['texts', (row: number) => `${row % 10}${'\u0001'.repeat(200)}`],
    ['texts in another script', (row: number) => `${row % 10}${'語'.repeat(200)}`],
  ])('of as many columns as there may be, of %s, is not larger than what is kept of a job', async (_what, cell) => {
    const width = 250
    const names = Array.from({ length: width }, () => '\u0002'.repeat(200))
    // Each ten times and more: what is rarer is not among the most frequent.
    const rows = Array.from({ length: 120 }, (_, row) => names.map((_name, column) => cell(row % 60, column)).join())
    const { columns } = await profileOf([names.join(), ...rows].join('\n'))
    expect(columns[0]?.topValues).toHaveLength(10)
    expect(Buffer.byteLength(JSON.stringify(columns))).toBeLessThan(maxValueBytes - 1000)
  })

  it('estimates beyond what it counts exactly, and says so', async () => {
    // 64 columns share what 16 have: 16,384 different values each.
    const width = 64
    const rows = Array.from({ length: 20_000 }, (_, row) => `${row}${',1'.repeat(width - 1)}`)
    const { columns } = await profileOf(rows.join('\n'), { header: false })
    expect(columns[0]).toMatchObject({ distinctIsEstimate: true, min: 0, max: 19_999, mean: 9_999.5 })
    expect(Math.abs((columns[0]?.distinct ?? 0) / 20_000 - 1)).toBeLessThan(0.03)
    expect(columns[1]).toMatchObject({ distinct: 1, distinctIsEstimate: false })
  })
})

describe('the names of columns', () => {
  it('differ from each other', () => {
    expect(columnNames(['a', 'a', 'a (2)', ' a ', '', '', 'column 5'])).toEqual([
      'a',
      'a (2)',
      'a (2) (2)',
      'a (3)',
      'column 5',
      'column 6',
      'column 5 (2)',
    ])
  })

  it('are cut where they are long', () => {
    expect(columnNames(['x'.repeat(200), 'x'.repeat(300)])).toEqual([`${'x'.repeat(99)}…`, `${'x'.repeat(99)}… (2)`])
  })
})
