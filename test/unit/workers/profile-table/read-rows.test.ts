import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rowsOf } from './profile-text.ts'

const table = [
  ['name', 'note'],
  ['a', 'b'],
]

describe('rows', () => {
  it.each([
    ['line feeds', 'name,note\na,b\n', table],
    ['no line end at the end', 'name,note\na,b', table],
    ['carriage return and line feed', 'name,note\r\na,b\r\n', table],
    ['carriage returns alone', 'name,note\ra,b\r', table],
    ['mixed line ends', 'name,note\na,b\r\na,b\ra,b', [...table, ...table.slice(1), ...table.slice(1)]],
    ['a byte order mark', '\uFEFFname,note\na,b\n', table],
    ['a byte order mark before a quote', '\uFEFF"name",note\na,b\n', table],
    ['blank lines', '\n\nname,note\n\r\n\na,b\n\n', table],
    ['quoted fields', '"name","note"\n"a",b\n', table],
    [
      'quoted delimiters and line ends',
      'name,note\n"a,1\nb\r\nc","\n"\n',
      [
        ['name', 'note'],
        ['a,1\nb\r\nc', '\n'],
      ],
    ],
    [
      'doubled quotes',
      'name,note\n"a ""b""",""""\n',
      [
        ['name', 'note'],
        ['a "b"', '"'],
      ],
    ],
    [
      'empty fields',
      'name,note\n,\n"",\n',
      [
        ['name', 'note'],
        ['', ''],
        ['', ''],
      ],
    ],
    ['one column', 'name\na\n""\nb\n', [['name'], ['a'], [''], ['b']]],
    ['a header only', 'name,note', [['name', 'note']]],
    [
      'spaces, which belong to the field',
      'name, note\n a ,b\n',
      [
        ['name', ' note'],
        [' a ', 'b'],
      ],
    ],
    ['semicolons', 'name;note\na;b\n', table],
    ['tabs', 'name\tnote\na\tb\n', table],
    ['pipes', 'name|note\na|b\n', table],
    ['nothing but blank lines', '\n\r\n\n', []],
  ])('with %s', async (_what, text, rows) => {
    expect(await rowsOf(text)).toEqual(rows)
  })

  it('take the delimiter that is given', async () => {
    expect(await rowsOf('a;b,c\n1;2,3\n', { delimiter: 'COMMA' })).toEqual([
      ['a;b', 'c'],
      ['1;2', '3'],
    ])
  })

  it('are the same wherever the file is cut into pieces', async () => {
    const text = '\uFEFFназва,"note ""x"""\r\n"grüße,\r\n😀 ""q""",東京\r\n\r\n,"\n"\nlast,ende\r\n'
    const whole = await rowsOf(text, { delimiter: 'COMMA' })
    expect(whole).toEqual([
      ['назва', 'note "x"'],
      ['grüße,\r\n😀 "q"', '東京'],
      ['', '\n'],
      ['last', 'ende'],
    ])
    for (let chunkBytes = 3; chunkBytes <= 70; chunkBytes += 1) {
      expect(await rowsOf(text, { delimiter: 'COMMA', chunkBytes })).toEqual(whole)
    }
  })

  it('are those that were written', async () => {
    const field = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"', ',', '\n', '\r\n', 'a"b', ''))
    // The rows are written as RFC 4180 says, every field in quotes.
    const rows = fc
      .integer({ min: 1, max: 5 })
      .chain((width) =>
        fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      )
    const end = fc.constantFrom('\n', '\r\n')
    await fc.assert(
      fc.asyncProperty(rows, end, fc.integer({ min: 16, max: 64 }), async (written, lineEnd, chunkBytes) => {
        const clean = written.map((row) => row.map((text) => text.replaceAll('\0', '').toWellFormed()))
        const text = clean
          .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',') + lineEnd)
          .join('')
        expect(await rowsOf(text, { delimiter: 'COMMA', chunkBytes })).toEqual(clean)
      }),
      { numRuns: 50 },
    )
  })
})

describe('a file that is no table', () => {
  const malformed = '\uFEFFname,note\r\n"a\r\nb",c\r\n\r\n'

  it.each([
    ['is empty', '', 'The file is empty.'],
    [
      'has too few fields in a row',
      `${malformed}only\r\n`,
      'The row on line 5 has 1 field where the table has 2 columns.',
    ],
    [
      'has too many fields in a row',
      `${malformed}1,2,3\r\n`,
      'The row on line 5 has 3 fields where the table has 2 columns.',
    ],
    ['has two fields in a row of one', 'a\n1\n1,2\n', 'The row on line 3 has 2 fields where the table has 1 column.'],
    [
      'opens a quote and never closes it',
      `${malformed}x,"y\r\nz\r\n`,
      'The row that starts on line 5 opens a quote that is never closed.',
    ],
    [
      'has text after a closing quote',
      `${malformed}"x"y,z\r\n`,
      'The row that starts on line 5 has text after a closing quote; a quote within a quoted field is written twice.',
    ],
    [
      'has a quote within a field',
      `${malformed}x"y",z\r\n`,
      'The row that starts on line 5 has a quote in the middle of a field; such a field is put in quotes and the quote written twice.',
    ],
    [
      'opens a quote long before its end',
      `${malformed}"${'x,y\n'.repeat(300_000)}`,
      'The row that starts on line 5 is longer than 1,048,576 characters; a quote may not be closed.',
    ],
    ['is not UTF-8', Buffer.from('name\ngr\xfc\xdfe\n', 'latin1'), 'Line 2 is not UTF-8 text. Save the file as UTF-8.'],
    [
      'ends within a character',
      Buffer.from('a,b\n1,ü\n2,ü').subarray(0, -1),
      'Line 3 is not UTF-8 text. Save the file as UTF-8.',
    ],
    ['holds a zero byte', 'name\nx\0y\n', 'Line 2 holds a zero byte: the file is no text.'],
    ['is UTF-16', Buffer.from('\uFEFFname,note\n', 'utf16le'), 'The file is UTF-16 text. Save it as UTF-8.'],
    [
      'is an Excel workbook',
      Buffer.from('PK\x03\x04\x14\x00', 'latin1'),
      'The file is a ZIP archive, as an Excel workbook is. Export the table as CSV.',
    ],
    ['is compressed', Buffer.from([0x1f, 0x8b, 8, 0]), 'The file is compressed with gzip. Unpack it first.'],
  ])('%s', async (_what, content, message) => {
    await expect(rowsOf(content)).rejects.toThrow(expect.objectContaining({ name: 'TableError', message }))
  })

  it('is named with the line of a late mistake, far into the file', async () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => `${index},"two\nlines"`).join('\n')
    await expect(rowsOf(`a,b\n${rows}\nlast\n`)).rejects.toThrow(
      'The row on line 100002 has 1 field where the table has 2 columns.',
    )
  })
})
