import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer'
import type { SchemaElement } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import profileTable from '../../../../src/workers/tasks/profile-table.ts'
import { dealGroups } from '../../../../src/workers/tasks/profile-table/parquet/profile-groups.ts'
import { recordingContext } from '../recording-context.ts'
import { runShardsHere } from '../shards-here.ts'
import { rowsOf, withFile } from './profile-text.ts'

const data = join(import.meta.dirname, '../../../../node_modules/vega-datasets/data')

async function profile(content: Uint8Array | string, { threads = 1, nulls = [] as readonly string[] } = {}) {
  return withFile(content, async (path) => {
    const context = await recordingContext<unknown>(path)
    const output = await runShardsHere(profileTable, { file: 'art_1', nulls }, context, threads)
    return { ...profileTable.output.parse(output), context }
  })
}

function parquet(columnData: ColumnSource[], options: Partial<Parameters<typeof parquetWriteBuffer>[0]> = {}): Buffer {
  return Buffer.from(parquetWriteBuffer({ columnData, ...options }))
}

/** One column of a type that is given in the words of Parquet itself. */
function typed(element: Omit<SchemaElement, 'name'>, values: readonly unknown[]): Buffer {
  const root: SchemaElement = { name: 'root', num_children: 1 }
  const schema = [root, { name: 'x', repetition_type: 'OPTIONAL' as const, ...element }]
  return parquet([{ name: 'x', data: [...values] }], { schema })
}

describe('the profile of a Parquet file', () => {
  it("is that of the CSV file whose rows it has: Seattle's weather, with every codec", async () => {
    const text = await readFile(join(data, 'seattle-weather.csv'), 'utf8')
    const [header = [], ...rows] = await rowsOf(text)
    const columns = header.map((name, index): ColumnSource => {
      const cells = rows.map((row) => row[index] ?? '')
      if (name === 'date') return { name, data: cells.map((cell) => new Date(cell)), type: 'TIMESTAMP' }
      return name === 'weather'
        ? { name, data: cells, type: 'STRING' }
        : { name, data: cells.map(Number), type: 'DOUBLE' }
    })
    const { context: _, format: csv, delimiter: comma, ...expected } = await profile(text)
    expect([csv, comma]).toEqual(['CSV', 'COMMA'])
    // What is told as it is written differs: 0.0 is 0, a day is a point in time.
    const comparable = ({ columns: all, rows: count }: Pick<typeof expected, 'columns' | 'rows'>) => ({
      rows: count,
      columns: all.map(({ topValues, earliest, latest, minLength: _min, maxLength: _max, ...same }) => ({
        ...same,
        top: topValues.map(({ value, count: times }) => [
          Number.isNaN(Number(value)) ? value.slice(0, 10) : Number(value),
          times,
        ]),
        days: [earliest?.slice(0, 10), latest?.slice(0, 10)],
      })),
    })
    const compressors = {
      GZIP: (bytes: Uint8Array) => gzipSync(bytes),
      ZSTD: (bytes: Uint8Array) => zstdCompressSync(bytes),
      BROTLI: (bytes: Uint8Array) => brotliCompressSync(bytes),
    }
    for (const codec of ['SNAPPY', 'UNCOMPRESSED', 'GZIP', 'ZSTD', 'BROTLI'] as const) {
      const found = await profile(parquet(columns, { codec, compressors, rowGroupSize: 400 }))
      expect([found.format, found.delimiter]).toEqual(['PARQUET', null])
      expect(comparable(found)).toEqual(comparable(expected))
    }
  })

  it('is that of the penguins of the example, which are there as CSV and as Parquet', async () => {
    const examples = join(import.meta.dirname, '../../../../examples/data')
    const read = async (name: string) => profile(await readFile(join(examples, name)), { nulls: ['.'] })
    const [csv, penguins] = [await read('penguins.csv'), await read('penguins.parquet')]
    // 39.0 is 39 in Parquet, and so shorter.
    const same = (columns: typeof csv.columns) =>
      columns.map(({ topValues: _, minLength: _min, maxLength: _max, ...column }) => column)
    expect([csv.rows, penguins.rows]).toEqual([344, 344])
    expect(same(penguins.columns)).toEqual(same(csv.columns))
  })

  it('agrees with pandas on the weather', async () => {
    const text = await readFile(join(data, 'seattle-weather.csv'), 'utf8')
    const rows = (await rowsOf(text)).slice(1)
    const { columns } = await profile(
      parquet([{ name: 'temp_max', data: rows.map((row) => Number(row[2])), type: 'FLOAT' }]),
    )
    const [max] = columns
    // `describe()` of pandas; single precision keeps seven digits.
    const ours = [max?.mean, max?.standardDeviation, max?.min, max?.quantiles?.p25, max?.quantiles?.p50, max?.max]
    const expected = [16.439083, 7.349758, -1.6, 10.6, 15.6, 35.6]
    for (const [index, value] of ours.entries()) expect(value).toBeCloseTo(expected[index] ?? 0, 5)
  })

  it('has the type that the file names, whatever the values look like', async () => {
    const { columns, rows } = await profile(
      parquet([
        { name: 'whole', data: [1, 2, null], type: 'INT32', nullable: true },
        { name: 'large', data: [2n ** 62n, -1n, null], type: 'INT64', nullable: true },
        { name: 'double', data: [1, 2, 3], type: 'DOUBLE' },
        { name: 'hole', data: [1.5, Number.NaN, Infinity], type: 'DOUBLE' },
        { name: 'flag', data: [true, false, null], type: 'BOOLEAN', nullable: true },
        {
          name: 'when',
          data: [new Date('2024-02-29T12:00:00Z'), new Date('1969-07-20T20:17:40.5Z'), null],
          type: 'TIMESTAMP',
          nullable: true,
        },
        { name: 'text', data: ['a', '', null], type: 'STRING', nullable: true },
        { name: 'digits', data: ['01', '02', 'x\0y'], type: 'STRING' },
        { name: 'json', data: [{ a: [1, 2] }, { a: [] }, null], type: 'JSON', nullable: true },
        { name: 'bytes', data: [1, 2, 3].map((byte) => Uint8Array.of(byte, 65)), type: 'BYTE_ARRAY' },
        { name: 'id', data: [1, 2, 3].map((n) => `0000000${n}-0000-4000-8000-000000000000`), type: 'UUID' },
        { name: 'nothing', data: [null, null, null], type: 'STRING', nullable: true },
      ]),
    )
    expect(rows).toBe(3)
    expect(columns.map(({ name, type, nulls, distinct }) => [name, type, nulls, distinct])).toEqual([
      ['whole', 'INTEGER', 1, 2],
      ['large', 'INTEGER', 1, 2],
      ['double', 'NUMBER', 0, 3],
      ['hole', 'NUMBER', 2, 1],
      ['flag', 'BOOLEAN', 1, 2],
      ['when', 'DATE', 1, 2],
      ['text', 'TEXT', 2, 1],
      ['digits', 'TEXT', 0, 3],
      ['json', 'TEXT', 1, 2],
      ['bytes', 'TEXT', 0, 3],
      ['id', 'TEXT', 0, 3],
      ['nothing', 'EMPTY', 3, 0],
    ])
    const column = (name: string) => columns.find((each) => each.name === name)
    expect(column('large')).toMatchObject({
      min: -1,
      max: 2 ** 62,
      topValues: [{ value: '4611686018427387904' }, { value: '-1' }],
    })
    expect(column('when')).toMatchObject({ earliest: '1969-07-20T20:17:40.500Z', latest: '2024-02-29T12:00:00Z' })
    expect(column('json')?.topValues[0]).toEqual({ value: '{"a":[1,2]}', count: 1 })
    expect(column('digits')?.topValues[2]).toEqual({ value: 'x\u{FFFD}y', count: 1 })
  })

  it.each([
    [
      'DATE',
      { type: 'INT32', converted_type: 'DATE' },
      [new Date('2024-02-29'), null],
      { type: 'DATE', earliest: '2024-02-29' },
    ],
    [
      'DATE by its newer name only',
      { type: 'INT32', logical_type: { type: 'DATE' } },
      [19_782],
      { type: 'DATE', earliest: '2024-02-29' },
    ],
    [
      'DECIMAL',
      { type: 'INT64', converted_type: 'DECIMAL', scale: 2, precision: 9 },
      [0.35, 0.7, 1e6],
      { type: 'NUMBER', max: 1e6, topValues: [{ value: '0.35' }, { value: '0.70' }, { value: '1000000.00' }] },
    ],
    [
      'DECIMAL by its newer name only',
      { type: 'INT32', logical_type: { type: 'DECIMAL', scale: 1, precision: 5 } },
      [35, 7],
      { type: 'NUMBER', min: 0.7, max: 3.5 },
    ],
    [
      'DECIMAL without decimals',
      { type: 'INT32', converted_type: 'DECIMAL', scale: 0, precision: 5 },
      [3, 4],
      { type: 'INTEGER', mean: 3.5 },
    ],
    [
      'a point in time without a zone',
      { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } },
      [new Date('2024-01-02T03:04:05Z')],
      { type: 'DATE', earliest: '2024-01-02T03:04:05' },
    ],
    [
      'a time of day',
      { type: 'INT32', converted_type: 'TIME_MILLIS' },
      [3_600_000, 86_399_999],
      { type: 'TEXT', topValues: [{ value: '01:00:00' }, { value: '23:59:59.999' }] },
    ],
  ] as const)('reads %s', async (_what, element, values, expected) => {
    const { columns } = await profile(typed(element, values))
    expect(columns).toMatchObject([expected])
  })

  it('tells lists and structures as JSON', async () => {
    const schema: SchemaElement[] = [
      { name: 'root', num_children: 1 },
      { name: 'tags', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    ]
    const { columns } = await profile(parquet([{ name: 'tags', data: [['a', 'b'], ['a', 'b'], [], null] }], { schema }))
    expect(columns).toMatchObject([
      {
        name: 'tags',
        type: 'TEXT',
        nulls: 1,
        topValues: [
          { value: '["a","b"]', count: 2 },
          { value: '[]', count: 1 },
        ],
      },
    ])
  })

  it('has the columns of a table without rows', async () => {
    const { columns, rows } = await profile(parquet([{ name: 'a', data: [], type: 'DOUBLE' }]))
    expect([rows, columns.map(({ name, type }) => [name, type])]).toEqual([0, [['a', 'EMPTY']]])
  })

  it('counts the given texts as empty', async () => {
    const { columns } = await profile(parquet([{ name: 'a', data: ['NA', 'x', '-'], type: 'STRING' }]), {
      nulls: ['NA', '-'],
    })
    expect(columns).toMatchObject([{ nulls: 2, distinct: 1 }])
  })

  it('is the same by shards that have row groups each', async () => {
    const count = 300_000
    const number = Array.from({ length: count }, (_, index) => (index * 7_919) % 100_003)
    const file = parquet(
      [
        { name: 'number', data: number, type: 'INT32' },
        { name: 'text', data: number.map((n) => `kind ${n % 1_000}`), type: 'STRING' },
      ],
      { rowGroupSize: 40_000 },
    )
    const [one, four] = [await profile(file, { threads: 1 }), await profile(file, { threads: 4 })]
    const near = (columns: typeof one.columns) =>
      columns.map((column) => ({ ...column, standardDeviation: column.standardDeviation?.toPrecision(12) }))
    expect(four.rows).toBe(count)
    expect(near(four.columns)).toEqual(near(one.columns))
    expect(four.columns[1]).toMatchObject({ distinct: 1_000, distinctIsEstimate: false })
    await withFile(file, async (path) => {
      const ranges = await dealGroups(path, 3)
      expect(ranges.map(({ from, to }) => to - from)).toEqual([2, 3, 3])
      expect(await dealGroups(path, 1)).toEqual([{ from: 0, to: 8 }])
    })
  })

  describe('that is damaged', () => {
    const good = parquet([{ name: 'a', data: Array.from({ length: 1_000 }, (_, n) => n), type: 'DOUBLE' }], {
      codec: 'UNCOMPRESSED',
    })

    it.each([
      ['is cut short', good.subarray(0, 500), /^The Parquet file cannot be read: file invalid \(footer != PAR1\)\.$/],
      ['is nothing but its magic', 'PAR1', /^The Parquet file cannot be read: .+\.$/],
      ['is encrypted', 'PARE and so on', /^The file is an encrypted Parquet file\.$/],
      [
        'points beyond its end',
        Buffer.concat([good.subarray(0, good.length - 8), Buffer.from([0xff, 0xff, 0xff, 0x7f]), Buffer.from('PAR1')]),
        /^The Parquet file cannot be read: metadata length 2147483647 exceeds/,
      ],
    ])('and %s is refused with a sentence', async (_what, content, message) => {
      const sentence: unknown = expect.stringMatching(message)
      await expect(profile(content)).rejects.toThrow(expect.objectContaining({ name: 'TableError', message: sentence }))
    })

    it('and says that it has more values than it may is refused before they are made', async () => {
      const values = Array.from({ length: 1_000 }, () => 7)
      const file = parquet([{ name: 'a', data: values, type: 'DOUBLE', nullable: true }], { codec: 'UNCOMPRESSED' })
      // One run of 1,000 definition levels, all 1: twice the length as a varint, then the level.
      const run = file.indexOf(Buffer.from([0xd0, 0x0f, 0x01]))
      expect(run).toBeGreaterThan(0)
      file.set([0xfe, 0x7f], run)
      await expect(profile(file)).rejects.toThrow(
        'The Parquet file cannot be read: a page has a run of 8191 values where it has 1000.',
      )
    })

    it('anywhere in it is refused with a sentence, or read as what it now says', async () => {
      for (let at = 4; at < good.length; at += 97) {
        const bad = Buffer.from(good)
        bad.fill(0xff, at, Math.min(at + 8, good.length))
        const outcome = await profile(bad).then(
          ({ format }) => format,
          (error: unknown) => (error instanceof Error ? error.name : error),
        )
        expect(outcome).toBeOneOf(['PARQUET', 'TableError'])
      }
    })
  })

  it('is told from a CSV file by what the file begins with, not by its name', async () => {
    const { format } = await profile('PAR,2\n1,2\n')
    expect(format).toBe('CSV')
    await withFile('x', async (path) => {
      await writeFile(path, 'a\n1\n')
      const context = await recordingContext<unknown>(path, 'table.parquet')
      expect(await runShardsHere(profileTable, { file: 'art_1' }, context, 1)).toMatchObject({ format: 'CSV' })
    })
  })
})
