import type { ColumnProfile } from './column-profile.ts'
import { lotOf } from './mix-bits.ts'
import type { RowSink } from './read-rows.ts'
import { columnNames, type TableProfile } from './table-profile.ts'

/** Profiles the rows of a CSV file as they are read. With `header` the first row names the columns. */
export function addRows(table: TableProfile, header: boolean): RowSink['row'] {
  let columns: readonly ColumnProfile[] | null = null
  return (fields, end) => {
    const isFirst = columns === null
    columns ??= table.start(columnNames(header ? fields : fields.map(() => '')).map((name) => ({ name })))
    if (isFirst && header) return
    table.count(1)
    const lot = lotOf(end)
    for (let index = 0; index < columns.length; index += 1) columns[index]?.add(fields[index] ?? '', lot)
  }
}
