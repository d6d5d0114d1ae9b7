import {
  createColumnProfile,
  type ColumnLimits,
  type ColumnProfile,
  type ColumnSoFar,
  type ColumnStatistics,
} from './column-profile.ts'
import { TableError } from './table-error.ts'

/** More columns than these are refused: the result would be larger than what is kept of a job. */
const maxColumns = 1_000
/** Exact limits of one column, and what all columns share where there are more than 16. */
export const exactDistinct = 65_536
export const exactValues = 2 ** 20
const sharedBy = 16
const maxNameLength = 100

export interface TableProfile {
  /** Takes the next row: the first one decides how many columns there are. Throws a `TableError` for too many. */
  add(this: void, fields: readonly string[]): void
  /** Rows without the header. */
  readonly rows: number
  /** The first so many columns. */
  soFar(columns: number): readonly ColumnSoFar[]
  columns(): readonly ColumnStatistics[]
}

/** Profiles a table row by row. With `header` the first row names the columns. */
export function createTableProfile(options: {
  readonly header: boolean
  readonly nulls: readonly string[]
}): TableProfile {
  const nulls = new Set(options.nulls.map((text) => text.trim()))
  let columns: readonly ColumnProfile[] | null = null
  let rows = 0

  function start(first: readonly string[]): readonly ColumnProfile[] {
    if (first.length > maxColumns) {
      throw new TableError(
        `The table has ${first.length.toLocaleString('en')} columns; at most ${maxColumns.toLocaleString('en')} are profiled.`,
      )
    }
    const limits = limitsFor(first.length)
    const names = columnNames(options.header ? first : first.map(() => ''))
    return names.map((name) => createColumnProfile(name, nulls, limits))
  }

  return {
    add(fields) {
      const isFirst = columns === null
      columns ??= start(fields)
      if (isFirst && options.header) return
      rows += 1
      for (let index = 0; index < columns.length; index += 1) columns[index]?.add(fields[index] ?? '')
    },
    get rows() {
      return rows
    },
    soFar: (count) => (columns ?? []).slice(0, count).map((column) => column.soFar()),
    columns: () => (columns ?? []).map((column) => column.statistics()),
  }
}

function limitsFor(columns: number): ColumnLimits {
  const share = Math.max(1, columns / sharedBy)
  return { distinct: Math.floor(exactDistinct / share), values: Math.floor(exactValues / share) }
}

/**
 * Names that differ from each other: a column without one is `column 3` after its place, a second `price` is `price (2)`.
 * Long names are cut at 100 characters.
 */
export function columnNames(header: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return header.map((field, index) => {
    const wanted = shorten(field.trim()) || `column ${index + 1}`
    let name = wanted
    for (let copy = 2; taken.has(name); copy += 1) name = `${wanted} (${copy})`
    taken.add(name)
    return name
  })
}

function shorten(name: string): string {
  return (name.length <= maxNameLength ? name : `${name.slice(0, maxNameLength - 1)}…`).toWellFormed()
}
