import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { CsvError, parse, type Info } from 'csv-parse'
import { delimiters, detectDelimiter, type DelimiterName } from './detect-delimiter.ts'
import { lineOfByte } from './line-of-byte.ts'
import { TableError } from './table-error.ts'
import { assertText, withoutByteOrderMark } from './text-check.ts'
import { createUtf8Check } from './utf8-check.ts'

/** The longest row, in characters. A quote that is never closed would otherwise gather the rest of the file in memory. */
const maxRowLength = 2 ** 20
/** Small enough that a job can be stopped between two chunks, some milliseconds apart. */
const defaultChunkBytes = 128 * 2 ** 10
/** So much at the start of a file shows what its delimiter is. */
const sampleBytes = 2 ** 16

export interface RowSource {
  readonly path: string
  readonly delimiter: DelimiterName | 'AUTO'
  /** How many bytes are read at a time: at least three, for a byte order mark. */
  readonly chunkBytes?: number
  /** The part of the file that is read, from the start of a row to the end of a row; all of it where it is not given. */
  readonly range?: ByteRange
}

/** Bytes of a file: from the first one to before the other. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

export interface RowSink {
  /** Is given the fields of one row, of which all rows have equally many, and where in the file the row ends. */
  row(this: void, fields: readonly string[], end: number): void
  /** After every chunk: how many bytes have been read. Reading goes on when it resolves. */
  chunk(bytesRead: number): Promise<void> | void
}

/**
 * Reads a CSV file (RFC 4180; UTF-8 with or without a byte order mark; any line ends, also mixed; blank lines skipped) as a
 * stream and answers its delimiter. Rejects with a `TableError` naming the line for a file that is malformed or no text.
 */
export async function readRows(source: RowSource, sink: RowSink): Promise<DelimiterName> {
  const { path, range, chunkBytes: highWaterMark = defaultChunkBytes } = source
  const start = range?.from ?? 0
  const utf8 = createUtf8Check(start)
  let parsing: Parsing | null = null
  let at = start
  const stream = createReadStream(
    path,
    range === undefined ? { highWaterMark } : { highWaterMark, start, end: range.to - 1 },
  )
  for await (const chunk of stream) {
    // Without an encoding, a file's stream gives buffers.
    const bytes = chunk as Buffer
    await assertText(path, bytes, at, utf8.push(bytes))
    const text = at === 0 ? withoutByteOrderMark(bytes) : bytes
    parsing ??= startParsing(source, text, { sink, start: start + bytes.length - text.length })
    at += bytes.length
    await parsing.write(text)
    await sink.chunk(at - start)
  }
  if (parsing === null) throw new TableError('The file is empty.')
  await assertText(path, null, at, utf8.end())
  await parsing.end()
  return parsing.delimiter
}

/** The delimiter that the start of a file shows. */
export async function findDelimiter(path: string): Promise<DelimiterName> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sampleBytes + 3), 0, sampleBytes + 3, 0)
  return detectDelimiter(withoutByteOrderMark(buffer.subarray(0, bytesRead)).toString('utf8', 0, sampleBytes))
}

interface Parsing {
  readonly delimiter: DelimiterName
  write(bytes: Buffer): Promise<void>
  end(): Promise<void>
}

function startParsing(
  { path, delimiter: asked }: RowSource,
  text: Buffer,
  { sink, start }: { readonly sink: RowSink; readonly start: number },
): Parsing {
  const delimiter = asked === 'AUTO' ? detectDelimiter(text.toString('utf8', 0, sampleBytes)) : asked
  let width: number | null = null
  let rowStart = 0

  function onRow(fields: readonly string[], info: Info): null {
    width ??= fields.length
    if (fields.length !== width) throw new RaggedRowError(fields.length, width)
    sink.row(fields, start + info.bytes)
    rowStart = info.bytes
    // Nothing is passed on: rows are taken here, and the parser's own queue stays empty.
    return null
  }

  const parser = parse({
    delimiter: delimiters[delimiter],
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: maxRowLength,
    relax_column_count: true,
    skip_empty_lines: true,
    on_record: onRow,
  })
  // Every failure reaches the callback of `write` or `end`; without a listener it would be thrown a second time.
  parser.on('error', () => undefined)
  parser.resume()

  const settle = (begin: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise<void>((resolve, reject) => begin((error) => (error ? reject(error) : resolve()))).catch(
      async (error: unknown) => {
        throw await explain(error, path, start + rowStart)
      },
    )
  return {
    delimiter,
    write: (bytes) => settle((done) => parser.write(bytes, done)),
    end: () => settle((done) => parser.end(done)),
  }
}

class RaggedRowError extends Error {
  readonly fields: number
  readonly width: number

  constructor(fields: number, width: number) {
    super('The row has another number of fields than the first.')
    this.fields = fields
    this.width = width
  }
}

/** What csv-parse found wrong with a row, by its code. */
const mistakes: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'opens a quote that is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'has text after a closing quote; a quote within a quoted field is written twice',
  INVALID_OPENING_QUOTE:
    'has a quote in the middle of a field; such a field is put in quotes and the quote written twice',
  CSV_MAX_RECORD_SIZE: `is longer than ${maxRowLength.toLocaleString('en')} characters; a quote may not be closed`,
}

async function explain(error: unknown, path: string, rowStart: number): Promise<unknown> {
  if (error instanceof RaggedRowError) {
    const fields = error.fields === 1 ? '1 field' : `${error.fields} fields`
    const columns = error.width === 1 ? '1 column' : `${error.width} columns`
    return new TableError(
      `The row on line ${await lineOfByte(path, rowStart)} has ${fields} where the table has ${columns}.`,
    )
  }
  if (!(error instanceof CsvError)) return error
  const mistake = mistakes[error.code] ?? `cannot be read (${error.code})`
  return new TableError(`The row that starts on line ${await lineOfByte(path, rowStart)} ${mistake}.`)
}
