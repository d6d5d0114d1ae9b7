import { describe, expect, it } from 'vitest'
import { formatResult } from '../../../src/cli/format-result.ts'

describe('a result at the terminal', () => {
  it('shows nested values indented and lists of records as tables', () => {
    const text = formatResult({
      rows: 1234,
      columns: [
        { name: 'a', mean: 1.23456789, more: [1] },
        { name: 'long', mean: null, more: [] },
      ],
    })
    expect(text).toBe('rows:    1,234\ncolumns:\n  name  mean\n  a     1.23457\n  long  –\n  (and more: see --json)')
  })

  it('shows lists of values, empty lists and texts that are too long', () => {
    expect(formatResult({ list: ['a', true], none: [], text: 'x'.repeat(50) })).toBe(
      `list:\n  a\n  true\nnone:\n  (none)\ntext: ${'x'.repeat(39)}…`,
    )
  })

  it('shows no control character of a file', () => {
    expect(formatResult([{ name: 'na\u001B]0;gone\u0007me\u202Etxt' }])).toBe('name\nna\uFFFD]0;gone\uFFFDme\uFFFDtxt')
  })
})
