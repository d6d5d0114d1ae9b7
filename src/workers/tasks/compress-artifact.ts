import { createHash } from 'node:crypto'
import { artifact, defineTask, z } from '../../task.ts'
import { countChunks, openChunkedFile } from './compress-artifact/chunked-file.ts'
import { compressStream } from './compress-artifact/compress-stream.ts'
import { formatName, formats, levelFor, type FormatName } from './compress-artifact/formats.ts'
import { inOrder, makeMine } from './compress-artifact/ordered-chunks.ts'

/** All that a shard is told; which of them it is, it knows. */
interface Part {
  readonly format: FormatName
  readonly level: number
}

export default defineTask({
  name: 'compressArtifact',
  description:
    'Compresses a file with gzip, Brotli or Zstandard. It is read and written piece by piece, so it may be larger than the memory; gzip and Zstandard use all threads.',
  version: '1',
  input: z.object({
    file: artifact().describe('The file to compress.'),
    format: formatName
      .default('GZIP')
      .describe('What to compress with. BROTLI is one stream, which only one thread at a time can work on.'),
    level: z
      .int32()
      .min(0)
      .max(19)
      .optional()
      .describe('From fast to small: GZIP has 1 to 9 (6), BROTLI 0 to 11 (6), ZSTD 1 to 19 (3).'),
  }),
  output: z.object({
    file: artifact().describe('The compressed file.'),
    format: formatName.describe('What it was compressed with.'),
    level: z.int32().describe('The level that was used.'),
    bytes: z.int().describe('The size of the file as it came.'),
    compressedBytes: z.int().describe('The size of the compressed file.'),
    ratio: z.number().describe('How many times smaller it is: `bytes` divided by `compressedBytes`.'),
    sha256: z.string().describe('The SHA-256 of the file as it came, in hexadecimal: to check what is unpacked.'),
  }),
  timeoutMs: 60 * 60_000,
  shards: {
    plan({ file, format, level: asked }, context) {
      const { size } = context.artifacts.open(file)
      const level = levelFor(format, asked)
      const shards = 'stream' in formats[format] ? 1 : Math.min(context.threads, countChunks(size))
      if (size > 0) context.counter.total = size
      return { parts: Array.from({ length: shards }, (): Part => ({ format, level })) }
    },

    async run({ format: name, level }, context) {
      const { input, shard, artifacts, counter } = context
      const { path, size, fileName } = artifacts.open(input.file)
      const format = formats[name]
      const count = countChunks(size)
      await using file = await openChunkedFile(path, size)
      const read = (chunk: number): Promise<Buffer> => {
        context.throwIfCancelled()
        return file.read(chunk)
      }
      const make = async (chunk: number): Promise<Uint8Array> => {
        const bytes = await read(chunk)
        const made = 'compress' in format ? format.compress(bytes, level) : bytes
        counter.add(bytes.length)
        return made
      }
      // The first shard has the writing to do: the last one takes the sum.
      const sha256 = shard.index === shard.of - 1 ? await sumOf(count, read) : null
      if (shard.index > 0) {
        await makeMine(count, context, make)
        return { written: null, sha256 }
      }
      const chunks = inOrder(count, context, make)
      const counted = countBytes('stream' in format ? compressStream(chunks, format.stream(level, size)) : chunks)
      const written = await artifacts.write({
        fileName: `${fileName}.${format.extension}`,
        mediaType: format.mediaType,
        data: counted.pieces,
      })
      return { written: { file: written, level, bytes: size, compressedBytes: counted.bytes() }, sha256 }
    },

    reduce(results, { input }) {
      const written = results[0]?.written ?? null
      const sha256 = results.at(-1)?.sha256 ?? null
      if (written === null || sha256 === null) throw new Error('The shards did not answer what they were to.')
      return { ...written, format: input.format, ratio: written.bytes / written.compressedBytes, sha256 }
    },
  },
})

/** The SHA-256 of all chunks, in hexadecimal. */
async function sumOf(count: number, read: (chunk: number) => Promise<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for (let chunk = 0; chunk < count; chunk += 1) hash.update(await read(chunk))
  return hash.digest('hex')
}

/** The pieces, and how many bytes of them have gone by. */
function countBytes(pieces: AsyncIterable<Uint8Array>): {
  readonly pieces: AsyncIterable<Uint8Array>
  bytes(): number
} {
  let bytes = 0
  async function* passing(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      bytes += piece.length
      yield piece
    }
  }
  return { pieces: passing(), bytes: () => bytes }
}
