import { parquetRead } from 'hyparquet'
import { getTreePath } from 'hyparquet/src/schema.js'
import type { ShardContext } from '../../../../task.ts'
import type { ColumnProfile } from '../column-profile.ts'
import { lotOf } from '../mix-bits.ts'
import { createReport, type SoFar } from '../report.ts'
import type { Sharing } from '../share-rows.ts'
import { TableError } from '../table-error.ts'
import { columnNames, createTableProfile, type TableState } from '../table-profile.ts'
import { checkPages } from './check-pages.ts'
import { decompressors } from './decompressors.ts'
import { openParquet, unlessDamaged, type ParquetFile, type RowGroup } from './open-parquet.ts'
import type { ParquetColumn } from './parquet-column.ts'

/** Row groups of a file: from the first one to before the other. */
export interface GroupRange {
  readonly from: number
  readonly to: number
}

/** Fewer cells than these are not worth a shard of their own. */
const minCells = 200_000

/** Deals the row groups of a file out to at most so many shards, in order, about as many rows to each. */
export async function dealGroups(path: string, threads: number): Promise<readonly GroupRange[]> {
  await using file = await openParquet(path)
  const { groups, rows, columns } = file
  const shards = Math.max(1, Math.min(threads, groups.length, Math.floor((rows * columns.length) / minCells)))
  const ranges: GroupRange[] = []
  let from = 0
  for (let shard = 1; shard <= shards; shard += 1) {
    const enough = (rows * shard) / shards
    let to = from
    while (
      to < groups.length &&
      (shard === shards || (groups[to]?.firstRow ?? 0) + (groups[to]?.rows ?? 0) / 2 < enough)
    )
      to += 1
    if (to > from || shards === 1) ranges.push({ from, to })
    from = to
  }
  return ranges
}

/** Profiles row groups, one column of one group at a time, so that no more than that is in memory. */
export async function profileGroups(
  path: string,
  range: GroupRange,
  nulls: readonly string[],
  context: ShardContext<unknown, SoFar, Sharing>,
): Promise<TableState> {
  await using file = await openParquet(path)
  const groups = file.groups.slice(range.from, range.to)
  const table = createTableProfile(nulls)
  const names = columnNames(file.columns.map(({ name }) => name))
  const profiles = table.start(file.columns.map(({ read }, index) => ({ name: names[index] ?? '', read })))
  const report = createReport(
    context,
    table,
    groups.reduce((sum, { bytes }) => sum + bytes, 0),
  )
  let bytesRead = 0
  try {
    for (const group of groups) {
      for (const [index, column] of file.columns.entries()) {
        context.throwIfCancelled()
        const pages = await readColumn(file, group, column.name)
        const profile = profiles[index]
        if (profile !== undefined) addPages(profile, column, pages, group.firstRow)
      }
      table.count(group.rows)
      bytesRead += group.bytes
      await report.read(bytesRead)
    }
    return table.state()
  } finally {
    report.end()
  }
}

function addPages(profile: ColumnProfile, column: ParquetColumn, pages: readonly Page[], firstRow: number): void {
  let row = firstRow
  for (const page of pages) {
    for (const value of page) {
      profile.add(column.text(value), lotOf(row))
      row += 1
    }
  }
}

type Page = ArrayLike<unknown> & Iterable<unknown>

/** The values of one column of a row group, page by page. */
function readColumn(file: ParquetFile, group: RowGroup, name: string): Promise<readonly Page[]> {
  return unlessDamaged(async () => {
    await checkColumn(file, group, name)
    const pages: Page[] = []
    await parquetRead({
      file: file.buffer,
      metadata: group.metadata,
      columns: [name],
      compressors: decompressors,
      geoparquet: false,
      onChunk: ({ columnData }) => void pages.push(columnData),
    })
    const rows = pages.reduce((sum, page) => sum + page.length, 0)
    if (rows === group.rows) return pages
    throw new TableError(
      `The Parquet file has ${rows.toLocaleString('en')} values in the column "${name}" for ${group.rows.toLocaleString('en')} rows.`,
    )
  })
}

async function checkColumn(file: ParquetFile, group: RowGroup, name: string): Promise<void> {
  for (const { meta_data: column } of group.metadata.row_groups[0]?.columns ?? []) {
    if (column === undefined || column.path_in_schema[0] !== name) continue
    const { data_page_offset: first, dictionary_page_offset: dictionary = 0n } = column
    // As the reader finds it: some writers put a 0 for none.
    const start = Number(dictionary === 0n ? first : dictionary)
    const bytes = await file.buffer.slice(start, start + Number(column.total_compressed_size))
    checkPages(new Uint8Array(bytes), column, getTreePath(file.schema, column.path_in_schema))
  }
}
