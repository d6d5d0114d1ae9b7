import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addRows } from '../../../../src/workers/tasks/profile-table/add-rows.ts'
import type { ColumnStatistics } from '../../../../src/workers/tasks/profile-table/column-profile.ts'
import { readRows, type RowSource } from '../../../../src/workers/tasks/profile-table/read-rows.ts'
import { createTableProfile } from '../../../../src/workers/tasks/profile-table/table-profile.ts'

/** Hands the content over as a file that is there as long as `use` runs. */
export async function withFile<Result>(
  content: string | Uint8Array,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-table-'))
  try {
    const path = join(folder, 'table.csv')
    await writeFile(path, content)
    return await use(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}

export type ReadOptions = Partial<Omit<RowSource, 'path'>>

/** The rows of a table. */
export function rowsOf(
  content: string | Uint8Array,
  options: ReadOptions = {},
): Promise<readonly (readonly string[])[]> {
  return withFile(content, async (path) => {
    const rows: (readonly string[])[] = []
    await readRows(
      { path, delimiter: 'AUTO', ...options },
      { row: (fields) => void rows.push(fields), chunk: () => undefined },
    )
    return rows
  })
}

/** The profile of a table. */
export async function profileOf(
  content: string | Uint8Array,
  options: ReadOptions & { readonly header?: boolean; readonly nulls?: readonly string[] } = {},
): Promise<{ readonly rows: number; readonly columns: readonly ColumnStatistics[] }> {
  const { header = true, nulls = [], ...reading } = options
  const table = createTableProfile(nulls)
  const row = addRows(table, header)
  await withFile(content, (path) => readRows({ path, delimiter: 'AUTO', ...reading }, { row, chunk: () => undefined }))
  return { rows: table.rows, columns: table.columns() }
}
