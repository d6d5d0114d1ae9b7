import { open } from 'node:fs/promises'
import { parquetMetadataAsync, parquetSchema, type AsyncBuffer, type FileMetaData, type SchemaTree } from 'hyparquet'
import { TableError } from '../table-error.ts'
import { parquetColumn, type ParquetColumn } from './parquet-column.ts'

/** Rows that are stored together, column by column: what one shard reads at a time. */
export interface RowGroup {
  readonly rows: number
  /** Place of its first row in the table, from 0. */
  readonly firstRow: number
  /** Compressed. */
  readonly bytes: number
  /** The file's description with this group alone. */
  readonly metadata: FileMetaData
}

export interface ParquetFile extends AsyncDisposable {
  readonly rows: number
  readonly columns: readonly ParquetColumn[]
  readonly schema: SchemaTree
  readonly groups: readonly RowGroup[]
  readonly buffer: AsyncBuffer
}

/** A description that says more is not believed: the memory for so many would be taken before they are looked for. */
const maxGroupRows = 2 ** 26

/** Reads what a Parquet file says of itself. Throws a `TableError` for one that is damaged. */
export async function openParquet(path: string): Promise<ParquetFile> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const buffer: AsyncBuffer = {
      byteLength: size,
      // A range that is none gives nothing, which its reader then finds too short.
      async slice(start, end = size) {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start) || 0)
        if (bytes.length > 0) await file.read(bytes, 0, bytes.length, start)
        return bytes.buffer
      },
    }
    return await unlessDamaged(async () => {
      const metadata = withConvertedTypes(await parquetMetadataAsync(buffer, { geoparquet: false }))
      const schema = parquetSchema(metadata)
      const columns = schema.children.map(parquetColumn)
      const groups = groupsOf(metadata)
      const rows = groups.reduce((sum, group) => sum + group.rows, 0)
      return { rows, columns, schema, groups, buffer, [Symbol.asyncDispose]: () => file.close() }
    })
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Runs a step of the reader, and tells what it finds wrong with the file in a sentence. */
export async function unlessDamaged<Result>(step: () => Promise<Result>): Promise<Result> {
  try {
    return await step()
  } catch (error) {
    if (error instanceof TableError) throw error
    const reason = (error instanceof Error ? error.message : String(error)).replace(/^parquet /, '')
    throw new TableError(`The Parquet file cannot be read: ${reason}.`)
  }
}

function groupsOf(metadata: FileMetaData): readonly RowGroup[] {
  let firstRow = 0
  return metadata.row_groups.map((group) => {
    const rows = Number(group.num_rows)
    if (!(rows >= 0 && rows <= maxGroupRows)) {
      throw new TableError(
        `The Parquet file has a row group of ${rows.toLocaleString('en')} rows; at most ${maxGroupRows.toLocaleString('en')} are read.`,
      )
    }
    const bytes = group.columns.reduce(
      (sum, { meta_data: column }) => sum + Number(column?.total_compressed_size ?? 0),
      0,
    )
    const alone = { ...metadata, row_groups: [group], num_rows: group.num_rows }
    firstRow += rows
    return { rows, firstRow: firstRow - rows, bytes, metadata: alone }
  })
}

/** Newer files may name the logical type of a column only; the reader looks at the older name too. */
function withConvertedTypes(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => {
    const { logical_type: logical, converted_type: converted } = element
    if (converted !== undefined || logical === undefined) return element
    if (logical.type === 'DATE') return { ...element, converted_type: logical.type }
    return logical.type === 'DECIMAL' ? { ...element, converted_type: logical.type, scale: logical.scale } : element
  })
  return { ...metadata, schema }
}
