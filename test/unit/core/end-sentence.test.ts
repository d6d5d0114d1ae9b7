import { describe, expect, it } from 'vitest'
import { endSentence } from '../../../src/core/end-sentence.ts'

describe('a sentence', () => {
  it.each([
    ['Must be positive', 'Must be positive.'],
    ['Must start with q.', 'Must start with q.'],
    ['Really?', 'Really?'],
    ['No!', 'No!'],
    ['and so on…', 'and so on…'],
    ['of `z.date()`', 'of `z.date()`.'],
    ['', '.'],
  ])('%j ends with one stop', (text, ended) => {
    expect(endSentence(text)).toBe(ended)
  })
})
