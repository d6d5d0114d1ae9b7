import type { ConvertedType, ParquetType, SchemaTree } from 'hyparquet'
import { readCell, type CellReading } from '../cell-reading.ts'

/** A column of a Parquet file, each value of which is profiled as the text it would be in a CSV file. */
export interface ParquetColumn {
  readonly name: string
  /** The text of a value; empty for none. */
  text(value: unknown): string
  /** What a text is read as: the column's type says so, not the look of the text. */
  read(cell: string): CellReading
}

type Kind = Omit<ParquetColumn, 'name'>

/** How the values of a column are told, by its place in the schema. */
export function parquetColumn({ element, children }: SchemaTree): ParquetColumn {
  if (typeof element.name !== 'string') throw new TypeError('a column has no name')
  return { name: element.name, ...kindOf({ element, children }) }
}

function kindOf({ element, children }: Pick<SchemaTree, 'element' | 'children'>): Kind {
  const { type, converted_type: converted, logical_type: logical, scale = 0 } = element
  if (children.length > 0 || element.repetition_type === 'REPEATED') return json
  if (converted === 'DECIMAL') return decimal(scale)
  if (logical?.type === 'TIMESTAMP') return timestamp(logical.isAdjustedToUTC)
  if (logical?.type === 'TIME') return timeOfDay(perMs[logical.unit])
  if (logical?.type === 'FLOAT16') return decimalOrNone
  return kindsByConverted[converted ?? 'UTF8'] ?? kindsByType[type ?? 'BYTE_ARRAY'] ?? text
}

const perMs = { MILLIS: 1, MICROS: 1_000, NANOS: 1_000_000 } as const

const number =
  (type: 'INTEGER' | 'NUMBER') =>
  (cell: string): CellReading => ({ type, value: Number(cell) })

const integer: Kind = {
  text: (value) => (typeof value === 'number' || typeof value === 'bigint' ? String(value) : ''),
  read: number('INTEGER'),
}

/** What is not a number, or infinite, counts as empty: no statistics could be made with it. */
const decimalOrNone: Kind = {
  text: (value) => (typeof value === 'number' && Number.isFinite(value) ? String(value) : ''),
  read: number('NUMBER'),
}

/** Its digits are known, so that the rounding of binary numbers can be taken off: 0.35 and not 0.35000000000000003. */
const decimal = (scale: number): Kind => ({
  text: (value) => (typeof value === 'number' && Number.isFinite(value) ? value.toFixed(Math.min(scale, 100)) : ''),
  read: number(scale === 0 ? 'INTEGER' : 'NUMBER'),
})

const boolean: Kind = {
  text: (value) => (typeof value === 'boolean' ? String(value) : ''),
  read: () => ({ type: 'BOOLEAN', value: 0 }),
}

const isoText = (value: unknown): string =>
  value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : ''

const date: Kind = {
  text: (value) => isoText(value).replace(/T.*/, ''),
  read: (cell) => ({ type: 'DATE', value: Date.parse(cell) }),
}

const timestamp = (isUtc: boolean): Kind => ({
  text: (value) => isoText(value).replace(/(?:\.000)?Z$/, isUtc ? 'Z' : ''),
  // Without a zone UTC is taken.
  read: (cell) => ({ type: 'DATE', value: Date.parse(isUtc ? cell : `${cell}Z`) }),
})

const timeOfDay = (unitsPerMs: number): Kind => ({
  text(value) {
    if (typeof value !== 'number' && typeof value !== 'bigint') return ''
    const [, time = ''] = isoText(new Date(Number(value) / unitsPerMs)).split('T')
    return time.replace(/(?:\.000)?Z$/, '')
  },
  read: () => ({ type: 'TEXT', value: 0 }),
})

/** Texts are read as those of a CSV file are: dates that were stored as text are dates. */
const text: Kind = {
  text(value) {
    if (value === null || value === undefined) return ''
    if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')
    return typeof value === 'string' ? withoutZero(value) : json.text(value)
  },
  read: readCell,
}

/** Lists, maps and structures. */
const json: Kind = {
  text(value) {
    if (value === null || value === undefined) return ''
    return withoutZero(
      JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner)),
    )
  },
  read: () => ({ type: 'TEXT', value: 0 }),
}

const kindsByConverted: Partial<Record<ConvertedType, Kind>> = {
  DATE: date,
  TIMESTAMP_MILLIS: timestamp(true),
  TIMESTAMP_MICROS: timestamp(true),
  TIME_MILLIS: timeOfDay(perMs.MILLIS),
  TIME_MICROS: timeOfDay(perMs.MICROS),
}

const kindsByType: Partial<Record<ParquetType, Kind>> = {
  BOOLEAN: boolean,
  INT32: integer,
  INT64: integer,
  // The type of old for points in time; it has no zone.
  INT96: timestamp(false),
  FLOAT: decimalOrNone,
  DOUBLE: decimalOrNone,
}

/** No cell holds a zero character: that is how long texts are told apart. */
const withoutZero = (value: string): string => (value.includes('\0') ? value.replaceAll('\0', '\u{FFFD}') : value)
