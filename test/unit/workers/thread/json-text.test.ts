import { describe, expect, it } from 'vitest'
import { toJsonText } from '../../../../src/workers/thread/json-text.ts'

class Point {
  readonly x = 1
}

describe('JSON text', () => {
  it('is written of what comes back from it', () => {
    const value = { a: [1, 'x', null, true], b: { c: -0.5 }, d: Object.create(null) }
    expect(JSON.parse(toJsonText(value))).toEqual({ ...value, d: {} })
    expect(toJsonText({ day: new Date(0), left: undefined, url: new URL('https://example.com') })).toBe(
      '{"day":"1970-01-01T00:00:00.000Z","url":"https://example.com/"}',
    )
  })

  it.each([
    ['It is undefined', undefined],
    ['It is a function', () => 1],
    ['Its field "a" is a symbol', { a: Symbol('x') }],
    ['Its field "a" is a bigint', { a: 1n }],
    ['Its field "a" is NaN', { a: Number.NaN }],
    ['Its field "a" is -Infinity', { a: -Infinity }],
    ['Item 1 of a list in it is undefined', { list: [1, undefined] }],
    ['Its field "a" is a buffer', { a: Buffer.from('x') }],
    ['Its field "a" is a buffer', { a: new Float64Array(1) }],
    ['Its field "a" is of the class ArrayBuffer', { a: new ArrayBuffer(1) }],
    ['Its field "a" is of the class Set', { a: new Set([1]) }],
    ['Its field "a" is of the class Promise', { a: Promise.resolve() }],
    ['Its field "a" is of the class Error', { a: new Error('x') }],
    ['Its field "a" is of the class Point', { a: new Point() }],
    ['Its field "a" is an invalid date', { a: new Date(Number.NaN) }],
  ])('is refused: %s', (what, value) => {
    expect(() => toJsonText(value)).toThrow(
      expect.objectContaining({ name: 'NotJsonError', message: `${what}, which JSON cannot hold.` }),
    )
  })

  it('is refused for what refers to itself or is nested without end', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(() => toJsonText({ cycle })).toThrow('It refers to itself, which JSON cannot hold.')
    let deep: unknown[] = []
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    expect(() => toJsonText(deep)).toThrow('It is nested too deeply or too long for JSON.')
  })
})
