import type { ColumnMetaData, SchemaTree } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { decompressPage } from 'hyparquet/src/datapage.js'
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js'
import { decompressors } from './decompressors.ts'

/** Writers begin a new page every 1 MiB or 20,000 rows; columns of one value may have many more in one. */
const maxPageValues = 2 ** 22
/** Runs are padded to eights at least. */
const padding = 1_024

/** Values that a page packs into runs: where they begin, how wide they are, and whether their length comes first. */
interface Runs {
  readonly bytes: Uint8Array
  readonly at: number
  readonly width: number
  readonly values: number
}

/**
 * Looks through the pages of a column chunk before they are decoded. The decoder believes every number in them: a run of two
 * thousand million values, three bytes in the file, would fill an array until the memory of the whole process is gone.
 * Throws for a page that holds more than it may; costs as much as unpacking it.
 */
export function checkPages(bytes: Uint8Array, column: ColumnMetaData, schemaPath: SchemaTree[]): void {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
  let values = 0
  while (values < column.num_values && reader.offset < bytes.length - 1) {
    const header = parquetHeader(reader)
    const end = reader.offset + header.compressed_page_size
    if (!(end >= reader.offset && end <= bytes.length)) throw new RangeError('a page points beyond its column')
    const page = { bytes: bytes.subarray(reader.offset, end), size: header.uncompressed_page_size, column, schemaPath }
    reader.offset = end
    const { data_page_header: one, data_page_header_v2: two, dictionary_page_header: dictionary } = header
    const count = one?.num_values ?? two?.num_values ?? dictionary?.num_values ?? 0
    if (!(count >= 0 && count <= maxPageValues)) throw new RangeError(`a page says that it has ${count} values`)
    if (one !== undefined) checkFirstVersion(page, count, one.encoding)
    if (two !== undefined) checkSecondVersion(page, two)
    if (dictionary === undefined) values += count
  }
}

interface Page {
  /** As they are in the file. */
  readonly bytes: Uint8Array
  /** Unpacked. */
  readonly size: number
  readonly column: ColumnMetaData
  readonly schemaPath: SchemaTree[]
}

function checkFirstVersion({ bytes, size, column, schemaPath }: Page, values: number, encoding: string): void {
  const page = decompressPage(bytes, size, column.codec, decompressors)
  let at = 0
  for (const level of [getMaxRepetitionLevel(schemaPath), getMaxDefinitionLevel(schemaPath)]) {
    if (level > 0) at = checkRunsWithLength({ bytes: page, at, width: widthOf(level), values })
  }
  checkValues({ bytes: page, at, values }, column, encoding)
}

function checkSecondVersion(
  { bytes, size, column, schemaPath }: Page,
  header: NonNullable<ReturnType<typeof parquetHeader>['data_page_header_v2']>,
): void {
  const { num_values: values, repetition_levels_byte_length: first, definition_levels_byte_length: second } = header
  if (!(first >= 0 && second >= 0 && first + second <= bytes.length)) throw new RangeError('a page has no end')
  const levels = [getMaxRepetitionLevel(schemaPath), getMaxDefinitionLevel(schemaPath)] as const
  if (levels[0] > 0) checkRuns({ bytes, at: 0, width: widthOf(levels[0]), values })
  if (levels[1] > 0) checkRuns({ bytes, at: first, width: widthOf(levels[1]), values })
  const packed = bytes.subarray(first + second)
  const isPacked = header.is_compressed !== false
  const page = isPacked ? decompressPage(packed, size - first - second, column.codec, decompressors) : packed
  if (!(header.num_nulls >= 0 && header.num_nulls <= values)) throw new RangeError('a page has more nulls than values')
  checkValues({ bytes: page, at: 0, values }, column, header.encoding)
}

function checkValues({ bytes, at, values }: Omit<Runs, 'width'>, { type }: ColumnMetaData, encoding: string): void {
  const isBoolean = type === 'BOOLEAN'
  if (isBoolean && encoding !== 'PLAIN') checkRunsWithLength({ bytes, at, width: 1, values })
  else if (encoding.endsWith('_DICTIONARY')) checkRuns({ bytes, at: at + 1, width: bytes[at] ?? 0, values })
  else if (encoding.startsWith('DELTA_')) checkBlocks(bytes, at)
}

/** A count of 32 bits comes first: how many bytes follow. Answers where they end. */
function checkRunsWithLength({ bytes, at, width, values }: Runs): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true)
  checkRuns({ bytes, at: at + 4, width, values })
  return at + 4 + length
}

/**
 * Run lengths and bit-packed groups of eight, in turn (Parquet's encoding RLE, number 3). Goes as far as the decoder does: to
 * the last value or the end of the page, whatever length was told.
 */
function checkRuns({ bytes, at: start, width, values }: Runs): void {
  if (width > 32) throw new RangeError(`a page has values of ${width} bits`)
  let at = start
  for (let seen = 0; seen < values && at < bytes.length;) {
    const header = readVarInt(bytes, at)
    const isPacked = header.value % 2 === 1
    const half = Math.floor(header.value / 2)
    const run = isPacked ? half * 8 : half
    if (run > values + padding) throw new RangeError(`a page has a run of ${run} values where it has ${values}`)
    at = header.end + (isPacked ? Math.max(1, half * width) : Math.ceil(width / 8))
    seen += run
  }
}

/** Differences in blocks of so many, each of several smaller ones (DELTA_BINARY_PACKED, number 5). */
function checkBlocks(bytes: Uint8Array, at: number): void {
  const block = readVarInt(bytes, at)
  const parts = readVarInt(bytes, block.end)
  const fits = parts.value >= 1 && block.value >= parts.value && block.value <= maxPageValues
  if (!fits) throw new RangeError(`a page has blocks of ${block.value} values in ${parts.value} parts`)
}

/** Unsigned LEB128 of at most 32 bits. */
function readVarInt(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0
  for (let at = start; at < Math.min(bytes.length, start + 5); at += 1) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * 2 ** (7 * (at - start))
    if (byte < 0x80) return { value, end: at + 1 }
  }
  throw new RangeError('a page holds a number without an end')
}

const widthOf = (level: number): number => 32 - Math.clz32(level)
