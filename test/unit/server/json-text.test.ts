import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../src/server/json-text.ts'

const parse = (text: string | Buffer) => parseJson(Buffer.from(text), 'The body')

describe('JSON from outside', () => {
  it('is parsed', () => {
    expect(parse('{"a":["[[[[",{"b":"\\"]"}]}')).toEqual({ a: ['[[[[', { b: '"]' }] })
  })

  it('may be nested 64 levels deep and no deeper', () => {
    expect(parse('['.repeat(64) + ']'.repeat(64))).toHaveLength(1)
    expect(() => parse('['.repeat(65) + ']'.repeat(65))).toThrow('The body is nested deeper than 64 levels.')
  })

  it('is not confused by brackets and quotes in strings', () => {
    expect(parse(`"${'['.repeat(100)}\\"${'{'.repeat(100)}"`)).toHaveLength(201)
  })

  it.each(['', '{', '{"a":}', 'undefined', '[1,]', '{"a":1}x'])('%j is refused', (text) => {
    expect(() => parse(text)).toThrow('The body is not valid JSON.')
  })

  it('is refused when it is not UTF-8', () => {
    expect(() => parse(Buffer.from([0x22, 0xff, 0x22]))).toThrow('The body is not valid UTF-8.')
  })
})
