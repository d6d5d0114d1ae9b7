import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createUtf8Check } from '../../../../src/workers/tasks/profile-table/utf8-check.ts'

function badByteOf(bytes: Buffer, pieceLength: number): number | null {
  const check = createUtf8Check()
  for (let at = 0; at < bytes.length; at += pieceLength) {
    const bad = check.push(bytes.subarray(at, at + pieceLength))
    if (bad !== null) return bad
  }
  return check.end()
}

describe('the check for UTF-8', () => {
  it('accepts any text, wherever it is cut', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 })
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), (part, length) => {
        expect(badByteOf(Buffer.from(part), length)).toBeNull()
      }),
    )
  })

  it('finds the first byte that is none, wherever the bytes are cut', () => {
    const good = fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text))
    const bad = fc.constantFrom([0xff], [0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80], [0xc3, 0x41])
    fc.assert(
      fc.property(good, bad, good, fc.integer({ min: 1, max: 7 }), (before, bytes, after, length) => {
        const all = Buffer.concat([before, Buffer.from(bytes), after])
        expect(badByteOf(all, length)).toBe(before.length)
      }),
    )
  })

  it('finds a character that is cut off at the end', () => {
    expect(badByteOf(Buffer.from([0x61, 0xe2, 0x82]), 1)).toBe(1)
    expect(badByteOf(Buffer.from([0x61, 0xf0, 0x9f, 0x98]), 64)).toBe(1)
  })
})
