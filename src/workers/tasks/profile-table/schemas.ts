import { z } from '../../../task.ts'
import { exactDistinct, exactValues } from './table-profile.ts'

export const delimiterName = z.enum(['COMMA', 'SEMICOLON', 'TAB', 'PIPE'])

/** The columns of a wide table share what 16 columns have. */
const inAll = (perColumn: number): string =>
  `in the column (a table of more than 16 columns has ${(16 * perColumn).toLocaleString('en')} to share among them)`

/** What is known of a column at any time. */
export const columnSoFar = z
  .object({
    name: z
      .string()
      .describe(
        'The name in the header, made different from the others: a second `price` is `price (2)`, an empty one `column 3`. Cut at 100 characters.',
      ),
    type: z
      .enum(['INTEGER', 'NUMBER', 'BOOLEAN', 'DATE', 'TEXT', 'EMPTY'])
      .describe(
        'What every cell that is not empty can be read as: whole numbers, numbers, true or false, ISO 8601 dates (with or without a time), else text. Numbers with leading zeros, such as ZIP codes, are text. EMPTY when no cell has a value.',
      ),
    nulls: z.int().describe('Empty cells: without text, with nothing but spaces, or with one of the given texts.'),
    distinct: z
      .int()
      .describe('Different values among the cells that are not empty, compared as they are written: 1 and 1.0 differ.'),
    min: z.number().nullable().describe('The smallest number, in a column of numbers.'),
    max: z.number().nullable().describe('The largest number, in a column of numbers.'),
    mean: z.number().nullable().describe('The arithmetic mean, in a column of numbers.'),
  })
  .describe('A column while the table is being read.')

const quantiles = z
  .object({
    p05: z.number().describe('5 % of the values are not above it.'),
    p25: z.number().describe('The lower quartile.'),
    p50: z.number().describe('The median.'),
    p75: z.number().describe('The upper quartile.'),
    p95: z.number().describe('95 % of the values are not above it.'),
  })
  .describe(
    'Quantiles by linear interpolation between the closest ranks (type 7 of Hyndman and Fan, as in R, NumPy and spreadsheets).',
  )

const bin = z
  .object({
    from: z.number().describe('The lower edge, which belongs to the bin.'),
    to: z.number().describe('The upper edge, which belongs to the next bin, if there is one.'),
    count: z.int().describe('How many values lie in it.'),
  })
  .describe('A bin of a histogram.')

const countedValue = z
  .object({
    value: z
      .string()
      .describe('The value as it is written, cut at 100 characters, or sooner where JSON needs several bytes for one.'),
    count: z.int().describe('In how many cells it stands.'),
  })
  .describe('A value and how often it occurs.')

/** Everything that is found out about a column. */
export const columnStatistics = columnSoFar
  .extend({
    distinctIsEstimate: z
      .boolean()
      .describe(
        `Whether \`distinct\` is an estimate (HyperLogLog, standard error 0.8 %): beyond ${exactDistinct.toLocaleString('en')} different values ${inAll(exactDistinct)}.`,
      ),
    standardDeviation: z
      .number()
      .nullable()
      .describe('The sample standard deviation (divided by n − 1), in a column of at least two numbers.'),
    quantiles: quantiles.nullable().describe('Quantiles, in a column of numbers.'),
    quantilesAreEstimates: z
      .boolean()
      .describe(
        `Whether quantiles and histogram come from an even random sample: beyond ${exactValues.toLocaleString('en')} numbers ${inAll(exactValues)}. The same file always gives the same sample.`,
      ),
    histogram: z
      .array(bin)
      .describe(
        'How the numbers lie between `min` and `max`: at most 20 bins of equal width, or one for each whole number within 20. Empty unless the column is of numbers.',
      ),
    topValues: z
      .array(countedValue)
      .describe(
        'The most frequent values, at most 10, the most frequent first. Values that occur once are left out where there are more than 10. Where `distinct` is an estimate, only values that are surely frequent, and their counts may be too low.',
      ),
    earliest: z
      .string()
      .nullable()
      .describe('The first date, as it is written, in a column of dates. Without a zone UTC is taken.'),
    latest: z.string().nullable().describe('The last date, as it is written, in a column of dates.'),
    minLength: z.int().nullable().describe('The length of the shortest value, in UTF-16 units.'),
    maxLength: z.int().nullable().describe('The length of the longest value, in UTF-16 units.'),
  })
  .describe('What the cells of a column are like.')
