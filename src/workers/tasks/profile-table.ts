import { performance } from 'node:perf_hooks'
import { artifact, defineTask, z } from '../../task.ts'
import { readRows } from './profile-table/read-rows.ts'
import { columnSoFar, columnStatistics, delimiterName } from './profile-table/schemas.ts'
import { TableError } from './profile-table/table-error.ts'
import { createTableProfile } from './profile-table/table-profile.ts'

/** Running statistics are of the first columns only, so that a wide table does not use up what a job may emit. */
const runningColumns = 20
/** The second running statistics come so many ms after the first, each next after 3 % more: hundreds in the longest job. */
const firstPauseMs = 300
const pauseGrowth = 1.03

export default defineTask({
  name: 'profileTable',
  description:
    'Profiles a CSV file column by column: type, empty cells, different values, mean, quantiles, histogram and more. The file is read as a stream, so it may be larger than the memory.',
  version: '1',
  input: z.object({
    file: artifact().describe(
      'A CSV file in UTF-8, with or without a byte order mark: RFC 4180 with any line ends. Blank lines are skipped; all rows must have equally many fields. Quoted fields may hold delimiters, line ends and doubled quotes.',
    ),
    delimiter: z
      .enum(['AUTO', ...delimiterName.options])
      .default('AUTO')
      .describe('What parts the fields. AUTO finds it in the first rows.'),
    header: z
      .boolean()
      .default(true)
      .describe('Whether the first row names the columns. Without it they are `column 1`, `column 2` and so on.'),
    nulls: z
      .array(z.string().max(100))
      .max(100)
      .default([])
      .describe('Texts that stand for an empty cell besides an empty one, such as NA.'),
  }),
  output: z.object({
    rows: z.int().describe('Rows, without the header.'),
    bytes: z.int().describe('The size of the file in bytes.'),
    delimiter: delimiterName.describe('What parts the fields, as given or as found.'),
    columns: z.array(columnStatistics).describe('The columns in the order of the file.'),
  }),
  partial: z.object({
    rows: z.int().describe('Rows read so far.'),
    bytesRead: z.int().describe('Bytes of the file read so far.'),
    columns: z.array(columnSoFar).describe(`Running statistics of the first ${runningColumns} columns.`),
  }),
  timeoutMs: 6 * 60 * 60_000,
  async run({ file, delimiter, header, nulls }, context) {
    const { path, size } = context.artifacts.open(file)
    const table = createTableProfile({ header, nulls })
    let pauseMs = firstPauseMs
    let emittedAt = -Infinity
    const found = await readRows(
      { path, delimiter },
      {
        row: table.add,
        async chunk(bytesRead) {
          context.throwIfCancelled()
          context.progress(bytesRead / size, `${table.rows.toLocaleString('en')} rows`)
          if (bytesRead === size || performance.now() - emittedAt < pauseMs) return
          await context.emit({ rows: table.rows, bytesRead, columns: [...table.soFar(runningColumns)] })
          emittedAt = performance.now()
          pauseMs *= pauseGrowth
        },
      },
    )
    const columns = table.columns()
    if (columns.length === 0) throw new TableError('The file holds nothing but blank lines.')
    context.progress(1, `${table.rows.toLocaleString('en')} rows`)
    return {
      rows: table.rows,
      bytes: size,
      delimiter: found,
      columns: columns.map((column) => ({
        ...column,
        histogram: [...column.histogram],
        topValues: [...column.topValues],
      })),
    }
  },
})
