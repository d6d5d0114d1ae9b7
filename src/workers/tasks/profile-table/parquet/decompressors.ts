import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Compressors } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { TableError } from '../table-error.ts'

/** A page is 1 MiB as a rule. One that says it is larger than this is not unpacked. */
const maxPageBytes = 2 ** 28

type Decompressor = NonNullable<Compressors['GZIP']>

/** What Node can unpack it unpacks, faster and no further than the page says; the rest is in JavaScript and WebAssembly. */
const byNode = {
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  ZSTD: (input, length) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
} as const satisfies Compressors

/** What unpacks the pages of Parquet files. Each throws a `TableError` for a page that is out of all measure. */
export const decompressors: Compressors = Object.fromEntries(
  Object.entries<Decompressor | undefined>({ ...compressors, ...byNode }).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, length: number): Uint8Array => {
      if (decompress === undefined || length > maxPageBytes) {
        throw new TableError(
          `The Parquet file has a page of ${length.toLocaleString('en')} bytes, which is not unpacked.`,
        )
      }
      return decompress(input, length)
    },
  ]),
)
