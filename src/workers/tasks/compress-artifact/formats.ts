import { constants, createBrotliCompress, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Transform } from 'node:stream'
import { z } from '../../../task.ts'

export const formatName = z.enum(['GZIP', 'BROTLI', 'ZSTD'])

export type FormatName = z.output<typeof formatName>

interface FormatHead {
  readonly mediaType: string
  readonly extension: string
  readonly levels: { readonly least: number; readonly most: number; readonly usual: number }
}

/** A format whose files may be put end to end: chunks can be compressed apart from each other, in any place. */
interface ChunkedFormat extends FormatHead {
  /** Compresses on the calling thread. */
  compress(bytes: Uint8Array, level: number): Uint8Array
}

/** A format where each byte hangs on those before. */
interface StreamedFormat extends FormatHead {
  stream(level: number, size: number): Transform
}

/** The formats that files are compressed to. */
export const formats: Readonly<Record<FormatName, ChunkedFormat | StreamedFormat>> = {
  GZIP: {
    mediaType: 'application/gzip',
    extension: 'gz',
    levels: { least: 1, most: 9, usual: 6 },
    // A file may have several members (RFC 1952, 2.2).
    compress: (bytes, level) => gzipSync(bytes, { level }),
  },
  BROTLI: {
    mediaType: 'application/x-brotli',
    extension: 'br',
    levels: { least: 0, most: 11, usual: 6 },
    stream: (level, size) =>
      createBrotliCompress({
        params: { [constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_SIZE_HINT]: size },
      }),
  },
  ZSTD: {
    mediaType: 'application/zstd',
    extension: 'zst',
    // The levels above want hundreds of megabytes, of who unpacks it too.
    levels: { least: 1, most: 19, usual: 3 },
    // A file may have several frames (RFC 8878, 3).
    compress: (bytes, level) =>
      zstdCompressSync(bytes, {
        params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
      }),
  },
}

/** The level to compress with, the usual one where none is asked for. Throws for one that the format does not have. */
export function levelFor(name: FormatName, asked: number | undefined): number {
  const { least, most, usual } = formats[name].levels
  if (asked === undefined) return usual
  if (asked >= least && asked <= most) return asked
  throw new RangeError(`${name} has the levels ${least} to ${most}, not ${asked}.`)
}
