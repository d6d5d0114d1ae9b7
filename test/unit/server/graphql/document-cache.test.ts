import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createDocumentCache } from '../../../../src/server/graphql/document-cache.ts'

const document = parse('{ a }')

function cacheOf(texts: readonly string[]) {
  const cache = createDocumentCache({ maxTextLength: 10, maxCharacters: 25, isSecret: (text) => text.includes('pw') })
  for (const text of texts) cache.set(text, document)
  return (text: string) => cache.get(text) !== undefined
}

describe('the cache of parsed documents', () => {
  it('keeps no text that is long or holds a secret', () => {
    const has = cacheOf(['x'.repeat(10), 'y'.repeat(11), 'a pw b'])
    expect([has('x'.repeat(10)), has('y'.repeat(11)), has('a pw b')]).toEqual([true, false, false])
  })

  it('holds so many characters in all, and forgets what was used longest ago', () => {
    const cache = createDocumentCache({ maxTextLength: 10, maxCharacters: 25, isSecret: () => false })
    for (const letter of ['a', 'b']) cache.set(letter.repeat(10), document)
    expect(cache.get('a'.repeat(10))).toBe(document)
    cache.set('c'.repeat(10), document)
    expect(cache.get('a'.repeat(10))).toBe(document)
    expect(cache.get('b'.repeat(10))).toBeUndefined()
    expect(cache.get('c'.repeat(10))).toBe(document)
  })

  it('counts a text once that is set twice', () => {
    const has = cacheOf(['a'.repeat(10), 'a'.repeat(10), 'a'.repeat(10), 'b'.repeat(10)])
    expect([has('a'.repeat(10)), has('b'.repeat(10))]).toEqual([true, true])
  })
})
