import { artifact, defineTask, z } from '../../task.ts'
import type { DelimiterName } from './profile-table/detect-delimiter.ts'
import type { GroupRange } from './profile-table/parquet/profile-groups.ts'
import { isParquet } from './profile-table/is-parquet.ts'
import { joinTables, profileAllRows, profileRows, type RowsAnswer } from './profile-table/profile-rows.ts'
import { findDelimiter } from './profile-table/read-rows.ts'
import { rowsText, runningColumns } from './profile-table/report.ts'
import { columnSoFar, columnStatistics, delimiterName } from './profile-table/schemas.ts'
import { createSharing } from './profile-table/share-rows.ts'
import { TableError } from './profile-table/table-error.ts'

/** A CSV file is cut into parts of at least this size: below 4 MiB it is read by one thread. */
const minShardBytes = 2 ** 21

/** What a shard is to read: row groups of a Parquet file, or its share of the rows of a CSV file. */
type Part =
  | { readonly groups: GroupRange; readonly delimiter: null }
  | { readonly groups: null; readonly delimiter: DelimiterName | 'AUTO' }

/** Loaded for the first Parquet file: most threads never see one. */
const parquetReader = () => import('./profile-table/parquet/profile-groups.ts')

export default defineTask({
  name: 'profileTable',
  description:
    'Profiles a CSV or Parquet file column by column: type, empty cells, different values, mean, quantiles, histogram and more. A large file is read by all threads at once, each its part, as a stream, so it may be larger than the memory.',
  version: '2',
  input: z.object({
    file: artifact().describe(
      'A CSV file in UTF-8, with or without a byte order mark: RFC 4180 with any line ends. Blank lines are skipped; all rows must have equally many fields. Quoted fields may hold delimiters, line ends and doubled quotes. Or a Parquet file: its types are kept, nested columns are profiled as JSON, and numbers that are not finite count as empty.',
    ),
    delimiter: z
      .enum(['AUTO', ...delimiterName.options])
      .default('AUTO')
      .describe('What parts the fields. AUTO finds it in the first rows. Not for Parquet.'),
    header: z
      .boolean()
      .default(true)
      .describe(
        'Whether the first row names the columns. Without it they are `column 1`, `column 2` and so on. Not for Parquet.',
      ),
    nulls: z
      .array(z.string().max(100))
      .max(100)
      .default([])
      .describe('Texts that stand for an empty cell besides an empty one, such as NA.'),
  }),
  output: z.object({
    rows: z.int().describe('Rows, without the header.'),
    bytes: z.int().describe('The size of the file in bytes.'),
    format: z.enum(['CSV', 'PARQUET']).describe('What the file is.'),
    delimiter: delimiterName.nullable().describe('What parts the fields, as given or as found; of a CSV file only.'),
    columns: z.array(columnStatistics).describe('The columns in the order of the file.'),
  }),
  partial: z.object({
    rows: z.int().describe('Rows read so far.'),
    bytesRead: z.int().describe('Bytes of the file read so far.'),
    columns: z
      .array(columnSoFar)
      .describe(
        `Running statistics of the first ${runningColumns} columns. Where several threads read, \`distinct\` is an estimate beyond 256.`,
      ),
  }),
  timeoutMs: 6 * 60 * 60_000,
  shards: {
    async plan({ file, delimiter: asked }, context) {
      const { path, size } = context.artifacts.open(file)
      if (await isParquet(path)) {
        const ranges = await (await parquetReader()).dealGroups(path, context.threads)
        return {
          parts: ranges.map((groups): Part => ({ groups, delimiter: null })),
          shared: createSharing(ranges.length),
        }
      }
      const shards = Math.max(1, Math.min(context.threads, Math.floor(size / minShardBytes)))
      // A single shard finds it while it reads.
      const delimiter = asked === 'AUTO' && shards > 1 ? await findDelimiter(path) : asked
      const part: Part = { groups: null, delimiter }
      return { parts: Array.from({ length: shards }, () => part), shared: createSharing(shards) }
    },

    async run({ groups, delimiter }, context): Promise<RowsAnswer> {
      const { file, header, nulls } = context.input
      const { path, size } = context.artifacts.open(file)
      if (groups === null) return profileRows({ path, size, delimiter, header, nulls }, context)
      const { profileGroups } = await parquetReader()
      return { table: await profileGroups(path, groups, nulls, context), delimiter: null }
    },

    async reduce(answers, context) {
      const { file, header, nulls, delimiter: asked } = context.input
      const { path, size } = context.artifacts.open(file)
      const joined = joinTables(answers.map(({ table }) => table))
      const delimiter = answers[0]?.delimiter ?? null
      const { table, delimiter: found } =
        joined === null
          ? await profileAllRows({ path, size, delimiter: asked, header, nulls }, context.throwIfCancelled)
          : { table: joined, delimiter }
      const columns = table.columns()
      if (columns.length === 0) throw new TableError('The file holds nothing but blank lines.')
      context.progress(1, rowsText(table.rows))
      return {
        rows: table.rows,
        bytes: size,
        format: (await isParquet(path)) ? ('PARQUET' as const) : ('CSV' as const),
        delimiter: found,
        columns: columns.map((column) => ({
          ...column,
          histogram: [...column.histogram],
          topValues: [...column.topValues],
        })),
      }
    },
  },
})
