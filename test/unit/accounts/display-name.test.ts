import { describe, expect, it } from 'vitest'
import { readDisplayName } from '../../../src/services/accounts/entry/display-name.ts'

describe('a display name', () => {
  it.each([
    '',
    '   ',
    'a'.repeat(101),
    '😀'.repeat(101),
    'Ada\u0007',
    'Ada\nLovelace',
    'Ada\u202eecalevoL',
    '\ud83d',
    'x'.repeat(1_000_000),
  ])('is refused when empty, too long, or with characters that are not to be seen (case %#)', (text) =>
    expect(readDisplayName(text)).toBeNull(),
  )

  it('loses the white space around it and nothing else', () => {
    expect(readDisplayName('  Ada  Lovelace ')).toBe('Ada  Lovelace')
  })

  it('counts code points', () => {
    expect(readDisplayName('😀'.repeat(100))).toBe('😀'.repeat(100))
    expect(readDisplayName('👩‍💻')).toBe('👩‍💻')
  })
})
