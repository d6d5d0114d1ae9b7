import { describe, expect, it } from 'vitest'
import { detectDelimiter } from '../../../../src/workers/tasks/profile-table/detect-delimiter.ts'

describe('the delimiter', () => {
  it.each([
    ['COMMA', 'a,b,c\n1,2,3\n'],
    ['SEMICOLON', 'a;b;c\n1,5;2,5;3\n1;2;3\n'],
    ['TAB', 'a\tb\n1,5\t2\n'],
    ['PIPE', 'a|b\r\n1|2\r\n'],
    ['COMMA', 'name,note\nx,"a;b;c;d"\n'],
    ['SEMICOLON', 'name;note\nx;"a\n,b,\n"\n'],
    ['SEMICOLON', 'a;b\n1;2'],
    // One column, or nothing at all.
    ['COMMA', 'a\n1\n'],
    ['COMMA', ''],
    // Not even, but the comma is in every row.
    ['COMMA', 'a,b,c\n1,2\n1,2,3;4\n'],
  ])('is %s in %j', (delimiter, sample) => {
    expect(detectDelimiter(sample)).toBe(delimiter)
  })

  it('does not depend on a row that the sample cuts off', () => {
    expect(detectDelimiter('a,b,c\n1,2,3\n1')).toBe('COMMA')
  })
})
