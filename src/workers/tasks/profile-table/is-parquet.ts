import { open } from 'node:fs/promises'
import { TableError } from './table-error.ts'

/** Whether a file says in its first bytes that it is Parquet. Throws a `TableError` for one that is encrypted. */
export async function isParquet(path: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  const magic = buffer.toString('latin1', 0, bytesRead)
  if (magic === 'PARE') throw new TableError('The file is an encrypted Parquet file.')
  return magic === 'PAR1'
}
