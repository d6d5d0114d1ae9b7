import { describe, expect, it } from 'vitest'
import { readEmailAddress } from '../../../src/services/accounts/entry/email-address.ts'

describe('an email address', () => {
  it.each([
    ['', 'nothing'],
    ['ada', 'no @'],
    ['@example.com', 'nothing before the @'],
    ['ada@', 'nothing after the @'],
    ['ada@home@example.com', 'two @'],
    ['ada＠home@example.com', 'an @ that appears under NFKC'],
    [' ada@example.com', 'white space'],
    ['ada@exam\nple.com', 'a line break'],
    ['ada\u0000@example.com', 'a NUL'],
    ['a\u200bda@example.com', 'an invisible character'],
    ['ada\ud800@example.com', 'half a character'],
  ])('is refused: %j (%s)', (text) => {
    expect(readEmailAddress(text)).toBeNull()
  })

  it('has 254 characters at most, also under NFKC', () => {
    expect(readEmailAddress(`${'a'.repeat(250)}@b.c`)).not.toBeNull()
    expect(readEmailAddress(`${'a'.repeat(251)}@b.c`)).toBeNull()
    // U+FDFA becomes 18 characters.
    expect(readEmailAddress(`${'\ufdfa'.repeat(20)}@b.c`)).toBeNull()
  })

  it('is kept as it was given, and compared in lower case and NFKC', () => {
    expect(readEmailAddress('Ada.Lovelace@Example.COM')).toEqual({
      address: 'Ada.Lovelace@Example.COM',
      key: 'ada.lovelace@example.com',
    })
    expect(readEmailAddress('ａda@example.com')?.key).toBe('ada@example.com')
    expect(readEmailAddress('åke@example.com')?.key).toBe(readEmailAddress('a\u030ake@example.com')?.key)
  })

  it('may be written in any script', () => {
    expect(readEmailAddress('用户@例え.jp')?.key).toBe('用户@例え.jp')
  })
})
