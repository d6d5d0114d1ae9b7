import {
  createColumnProfile,
  type ColumnLimits,
  type ColumnProfile,
  type ColumnSoFar,
  type ColumnState,
  type ColumnStatistics,
} from './column-profile.ts'
import type { CellReading } from './cell-reading.ts'
import { TableError } from './table-error.ts'
import { toldText } from './told-text.ts'

/** More columns than these are refused: the result, of at most 4,000 bytes a column, would be larger than what is kept of a job. */
const maxColumns = 250
/** Exact limits of one column, and what all columns share where there are more than 16. */
export const exactDistinct = 65_536
export const exactValues = 2 ** 20
const sharedBy = 16

/** What is known of a part of a table, to be joined with what is known of the next. It can be posted to another thread. */
export interface TableState {
  /** Without the header. */
  readonly rows: number
  /** `null` before the first row. Fewer than the table has where only the first were asked for. */
  readonly columns: readonly ColumnState[] | null
}

/** A table that is profiled column by column. */
export interface TableProfile {
  /** Begins with these columns. Throws a `TableError` for too many. */
  start(this: void, columns: readonly StartedColumn[]): readonly ColumnProfile[]
  /** Counts rows, whose cells the columns are given. */
  count(this: void, rows: number): void
  /** Rows without the header. */
  readonly rows: number
  /** The first so many columns. */
  soFar(columns: number): readonly ColumnSoFar[]
  columns(): readonly ColumnStatistics[]
  /** What another is given to merge; with `running` only what `soFar` of so many columns needs. */
  state(running?: number): TableState
  /** Takes in the next part of the same table. Its names are those of the part that came first. */
  merge(state: TableState): void
}

export interface StartedColumn {
  readonly name: string
  readonly read?: (cell: string) => CellReading
}

/** Profiles a table; `nulls` are texts that stand for an empty cell. */
export function createTableProfile(nulls: readonly string[]): TableProfile {
  const trimmed = new Set(nulls.map((text) => text.trim()))
  let columns: readonly ColumnProfile[] | null = null
  let rows = 0

  function start(started: readonly StartedColumn[]): readonly ColumnProfile[] {
    if (started.length > maxColumns) {
      throw new TableError(
        `The table has ${started.length.toLocaleString('en')} columns; at most ${maxColumns.toLocaleString('en')} are profiled.`,
      )
    }
    const limits = limitsFor(started.length)
    columns = started.map((column) => createColumnProfile({ ...column, nulls: trimmed, limits }))
    return columns
  }

  return {
    start,
    count: (more) => void (rows += more),
    get rows() {
      return rows
    },
    soFar: (first) => (columns ?? []).slice(0, first).map((column) => column.soFar()),
    columns: () => (columns ?? []).map((column) => column.statistics()),
    state(running) {
      const told = columns?.slice(0, running).map((column) => column.state(running !== undefined)) ?? null
      return { rows, columns: told }
    },
    merge(other) {
      rows += other.rows
      if (other.columns === null) return
      const into = columns ?? start(other.columns.map(({ name }) => ({ name })))
      for (const [index, state] of other.columns.entries()) into[index]?.merge(state)
    },
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
    const wanted = toldText(field.trim()) || `column ${index + 1}`
    let name = wanted
    for (let copy = 2; taken.has(name); copy += 1) name = `${wanted} (${copy})`
    taken.add(name)
    return name
  })
}
