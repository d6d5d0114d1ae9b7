import type { ShardContext } from '../../../task.ts'
import { addRows } from './add-rows.ts'
import type { DelimiterName } from './detect-delimiter.ts'
import { readRows } from './read-rows.ts'
import { createReport, type SoFar } from './report.ts'
import { findMyRows, type Sharing } from './share-rows.ts'
import { TableError } from './table-error.ts'
import { createTableProfile, type TableProfile, type TableState } from './table-profile.ts'

export interface RowOptions {
  readonly path: string
  readonly size: number
  readonly delimiter: DelimiterName | 'AUTO'
  readonly header: boolean
  readonly nulls: readonly string[]
}

/** What a shard found out about its rows; `table` is `null` where it could not read them. */
export interface RowsAnswer {
  readonly table: TableState | null
  readonly delimiter: DelimiterName | null
}

/**
 * Profiles the rows that are a shard's. A single one throws a `TableError` for a file that is no table; of several none
 * does, for which row is the first one with a mistake can be told by who reads them all.
 */
export async function profileRows(
  options: RowOptions,
  context: ShardContext<unknown, SoFar, Sharing>,
): Promise<RowsAnswer> {
  const { shard, shared } = context
  const { path, size, delimiter, header, nulls } = options
  const table = createTableProfile(nulls)
  const isAlone = shard.of === 1
  const range = isAlone ? { from: 0, to: size } : await findMyRows({ path, size }, shared, context)
  if (!isAlone && range.from === range.to) return { table: table.state(), delimiter: null }
  const report = createReport(context, table, range.to - range.from)
  const sink = { row: addRows(table, header && shard.index === 0), chunk: report.read }
  try {
    const found = await readRows({ path, delimiter, ...(isAlone ? {} : { range }) }, sink)
    return { table: table.state(), delimiter: found }
  } catch (error) {
    if (isAlone || !(error instanceof TableError)) throw error
    Atomics.store(new Int32Array(shared.failed), 0, 1)
    return { table: null, delimiter: null }
  } finally {
    report.end()
  }
}

/** Profiles all rows on one thread, without a report: what shards could not do, or could not do together. */
export async function profileAllRows(
  { path, delimiter, header, nulls }: RowOptions,
  throwIfCancelled: () => void,
): Promise<{ readonly table: TableProfile; readonly delimiter: DelimiterName }> {
  const table = createTableProfile(nulls)
  const found = await readRows({ path, delimiter }, { row: addRows(table, header), chunk: throwIfCancelled })
  return { table, delimiter: found }
}

/** The table of all shards, or `null` where their parts do not make one: a mistake that is then told of by its line. */
export function joinTables(parts: readonly (TableState | null)[]): TableProfile | null {
  const joined = createTableProfile([])
  const [first] = parts
  for (const part of parts) {
    if (part === null) return null
    if (part.columns !== null && part.columns.length !== first?.columns?.length) return null
    joined.merge(part)
  }
  return joined
}
