import { isScalarType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createSchema } from '../../../src/schema/index.ts'

const { schema } = createSchema([])

function scalar(name: string) {
  const type = schema.getType(name)
  if (!isScalarType(type)) throw new Error(`There is no scalar ${name}.`)
  return type
}

describe('DateTime', () => {
  const { coerceInputValue: read, coerceOutputValue: write } = scalar('DateTime')

  it('is written in UTC with milliseconds', () => {
    expect(write(0)).toBe('1970-01-01T00:00:00.000Z')
    expect(write(Date.UTC(2026, 10, 22, 17, 30, 0, 5))).toBe('2026-11-22T17:30:00.005Z')
    expect(() => write(Number.NaN)).toThrow(RangeError)
  })

  it('is read with Z or an offset, to the millisecond', () => {
    expect(read('2026-11-22T17:30:00Z')).toBe(Date.UTC(2026, 10, 22, 17, 30))
    expect(read('2026-11-22T17:30:00.123456Z')).toBe(Date.UTC(2026, 10, 22, 17, 30, 0, 123))
    expect(read('2026-11-22T17:30:00+01:30')).toBe(Date.UTC(2026, 10, 22, 16))
    expect(read('2024-02-29T00:00:00.000Z')).toBe(Date.UTC(2024, 1, 29))
    for (const end of ['0000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z']) expect(write(read(end))).toBe(end)
  })

  it.each([
    '',
    '2026-11-22',
    '2026-11-22T17:30:00',
    '2026-11-22 17:30:00Z',
    '2026-11-22t17:30:00z',
    '2026-11-22T17:30Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T17:30:60Z',
    '2026-11-22T17:30:00+25:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '+002026-11-22T17:30:00Z',
    '9999-12-31T23:59:59-23:59',
    '0000-01-01T00:00:00+00:01',
    ' 2026-11-22T17:30:00Z',
    '2026-11-22T17:30:00Z\n',
    0,
    new Date(0),
    {},
    true,
  ])('is not %j', (value) => {
    expect(() => read(value)).toThrow(
      'A DateTime is a string such as "2026-11-22T17:30:00.000Z": a day, a time and Z or an offset (RFC 3339).',
    )
  })
})

describe('Date', () => {
  const { coerceInputValue: read, coerceOutputValue: write } = scalar('Date')

  it('is a day that there is, as it was written', () => {
    for (const day of ['2026-11-22', '2024-02-29', '0001-01-01']) {
      expect(read(day)).toBe(day)
      expect(write(day)).toBe(day)
    }
  })

  it.each([
    '',
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-1-1',
    '26-11-22',
    '2026-11-22T00:00:00Z',
    '2026-11-22\n',
    0,
    {},
  ])('is not %j', (value) => {
    expect(() => read(value)).toThrow('A Date is a string such as "2026-11-22": a day that there is (RFC 3339).')
  })
})

describe('JSON', () => {
  it('passes any value on as it is', () => {
    const { coerceInputValue: read, coerceOutputValue: write } = scalar('JSON')
    for (const value of [null, 1, 'a', true, [1, [2]], { a: { b: null } }]) {
      expect(read(value)).toBe(value)
      expect(write(value)).toBe(value)
    }
  })
})

describe('scalars', () => {
  it('say where they are specified', () => {
    expect(['DateTime', 'Date', 'JSON', 'Upload'].map((name) => scalar(name).specifiedByURL)).toEqual([
      'https://www.rfc-editor.org/rfc/rfc3339',
      'https://www.rfc-editor.org/rfc/rfc3339',
      'https://www.rfc-editor.org/rfc/rfc8259',
      'https://github.com/jaydenseric/graphql-multipart-request-spec',
    ])
  })

  it('of uploads are never written', () => {
    expect(() => scalar('Upload').coerceOutputValue({})).toThrow('An Upload is never part of an answer.')
  })
})
