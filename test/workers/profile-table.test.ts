import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ComputePool } from '../../src/ports/compute-pool.ts'
import { openPool } from '../../src/workers/pool.ts'
import { listTaskFiles } from '../../src/workers/task-files.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { createRecorder, failure, request, run as runAttempt, type Ended } from './open-test-pool.ts'

// Real tables, whose publisher describes their columns in a data package (https://specs.frictionlessdata.io/data-package).
const vega = join(import.meta.dirname, '../../node_modules/vega-datasets')

interface Published {
  readonly resources: readonly {
    readonly format: string
    readonly path: string
    readonly schema: { readonly fields: readonly { readonly name: string; readonly type: string }[] }
  }[]
}

/** The part of the output that these tests look at. */
interface Profile {
  readonly rows: number
  readonly bytes: number
  readonly delimiter: string
  readonly columns: readonly Column[]
}

interface Column {
  readonly name: string
  readonly type: string
  readonly nulls: number
  readonly distinct: number
  readonly min: number | null
  readonly max: number | null
  readonly mean: number | null
  readonly standardDeviation: number | null
  readonly quantiles: { readonly p25: number; readonly p50: number; readonly p75: number } | null
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly count: number }[]
  readonly topValues: readonly { readonly value: string; readonly count: number }[]
  readonly earliest: string | null
  readonly latest: string | null
}

describe('profileTable', () => {
  let pool: ComputePool

  beforeAll(async () => {
    pool = openPool({ threads: 2, taskFiles: await listTaskFiles([]), logger: collectingLogger() })
    await pool.describe()
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  async function run(
    path: string,
    input: object = {},
    recorder = createRecorder(),
    { signal, within = pool }: { readonly signal?: AbortSignal; readonly within?: ComputePool } = {},
  ): Promise<Ended> {
    const { size } = await stat(path)
    const artifacts = [{ id: 'art_1', fileName: 'table.csv', mediaType: 'text/csv', size, path }]
    const attempt = request('profileTable', { file: 'art_1', ...input }, { artifacts })
    return runAttempt(within, attempt, recorder, signal)
  }

  async function profile(path: string, input: object = {}): Promise<Profile> {
    const outcome = await run(path, input)
    if (outcome.type !== 'succeeded') throw new Error(JSON.stringify(outcome))
    // Parsed by the task's own schema in the thread.
    return outcome.output as Profile
  }

  async function outcomeOf(content: string): Promise<Ended> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-table-'))
    try {
      const path = join(folder, 'table.csv')
      await writeFile(path, content)
      return await run(path)
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  it('finds the columns and types that the publisher of 23 real tables names', async () => {
    const published = JSON.parse(await readFile(join(vega, 'datapackage.json'), 'utf8')) as Published
    const tables = published.resources.filter((resource) => resource.format === 'csv')
    expect(tables).toHaveLength(23)
    const types: Readonly<Record<string, string>> = {
      string: 'TEXT',
      integer: 'INTEGER',
      number: 'NUMBER',
      date: 'DATE',
      datetime: 'DATE',
    }
    // Where we differ: codes with leading zeros, times that the publisher calls text, dates such as `Jan 1 2000`.
    const ours: Readonly<Record<string, string>> = {
      'zipcodes.csv zip_code': 'TEXT',
      'species.csv county_id': 'TEXT',
      'github.csv time': 'DATE',
      'sp500.csv date': 'TEXT',
      'stocks.csv date': 'TEXT',
    }
    for (const { path, schema } of tables) {
      const { columns } = await profile(join(vega, 'data', path))
      expect(columns.map(({ name, type }) => [path, name, type])).toEqual(
        schema.fields.map(({ name, type }) => [path, name, ours[`${path} ${name}`] ?? types[type]]),
      )
    }
  })

  it("agrees with the published statistics of Seattle's weather", async () => {
    const { rows, columns, delimiter, bytes } = await profile(join(vega, 'data/seattle-weather.csv'))
    expect({ rows, delimiter, bytes }).toEqual({ rows: 1_461, delimiter: 'COMMA', bytes: 48_219 })
    // As `describe()` of pandas prints them in many a notebook about this table.
    const described = {
      precipitation: [3.029432, 6.680194, 0, 0, 0, 2.8, 55.9],
      temp_max: [16.439083, 7.349758, -1.6, 10.6, 15.6, 22.2, 35.6],
      temp_min: [8.234771, 5.023004, -7.1, 4.4, 8.3, 12.2, 18.3],
      wind: [3.241136, 1.437825, 0.4, 2.2, 3, 4, 9.5],
    }
    for (const [name, expected] of Object.entries(described)) {
      const column = columns.find((each) => each.name === name)
      const { p25, p50, p75 } = column?.quantiles ?? { p25: null, p50: null, p75: null }
      const ours = [column?.mean, column?.standardDeviation, column?.min, p25, p50, p75, column?.max]
      expect(ours.map((value) => Math.round(Number(value) * 1e6) / 1e6)).toEqual(expected)
      expect(column?.histogram.reduce((sum, bin) => sum + bin.count, 0)).toBe(1_461)
    }
    expect(columns[0]).toMatchObject({ name: 'date', distinct: 1_461, earliest: '2012-01-01', latest: '2015-12-31' })
    expect(columns[5]?.topValues).toEqual([
      { value: 'rain', count: 641 },
      { value: 'sun', count: 640 },
      { value: 'fog', count: 101 },
      { value: 'drizzle', count: 53 },
      { value: 'snow', count: 26 },
    ])
  })

  it('agrees with a naive reading of the airports, whose names are quoted and hold quotes', async () => {
    const path = join(vega, 'data/airports.csv')
    const text = await readFile(path, 'utf8')
    const fields = /(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n|$)/g
    const rows = text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => {
        const row = [...line.matchAll(fields)].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain)
        return row.slice(0, 7)
      })
    expect(rows.filter(([, name]) => name?.includes('"')).length).toBeGreaterThan(0)

    const profiled = await profile(path, { nulls: ['NA'] })
    expect(profiled.rows).toBe(rows.length)
    expect(profiled.rows).toBe(3_376)
    for (const [index, column] of profiled.columns.entries()) {
      const values = rows.map((row) => row[index] ?? '').filter((value) => value !== '' && value !== 'NA')
      expect(column.nulls).toBe(rows.length - values.length)
      expect(column.distinct).toBe(new Set(values).size)
      const counts = Map.groupBy(values, (value) => value)
      const top = [...counts]
        .map(([value, all]) => ({ value, count: all.length }))
        .toSorted((a, b) => b.count - a.count)
      expect(column.topValues).toEqual(top.filter(({ count }) => count > 1 || top.length <= 10).slice(0, 10))
      if (column.type !== 'NUMBER') continue
      const numbers = values.map(Number).toSorted((a, b) => a - b)
      const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length
      const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (numbers.length - 1)
      expect(column.min).toBe(numbers[0])
      expect(column.max).toBe(numbers.at(-1))
      expect(column.mean).toBeCloseTo(mean, 10)
      expect(column.standardDeviation).toBeCloseTo(Math.sqrt(variance), 10)
      // An even number of values: the median lies in the middle of two.
      expect(column.quantiles?.p50).toBeCloseTo(((numbers[1_687] ?? 0) + (numbers[1_688] ?? 0)) / 2, 10)
      for (const { from, to, count } of column.histogram) {
        expect(count).toBe(numbers.filter((x) => x >= from && (x < to || to === column.max)).length)
      }
    }
  })

  it('tells a malformed, empty or wrong file by a sentence that names the line', async () => {
    expect(await outcomeOf('')).toEqual(failure('TASK_ERROR', 'The file is empty.'))
    expect(await outcomeOf('\n\n')).toEqual(failure('TASK_ERROR', 'The file holds nothing but blank lines.'))
    expect(await outcomeOf('a,b\n1\n')).toEqual(
      failure('TASK_ERROR', 'The row on line 2 has 1 field where the table has 2 columns.'),
    )
    expect(await outcomeOf('a,b\n1,"2\n')).toEqual(
      failure('TASK_ERROR', 'The row that starts on line 2 opens a quote that is never closed.'),
    )
  })

  describe('on a large table', () => {
    const count = 150_000
    let folder: string
    let path: string

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'millrace-table-'))
      path = join(folder, 'large.csv')
      const rows = Array.from({ length: count }, (_, n) => `${n},key ${n % 7},${n / 8},"line\r\n""${n % 100}"""`)
      await writeFile(path, `\uFEFFid,key,eighth,note\r\n${rows.join('\r\n')}\r\n`)
    })
    afterAll(() => rm(folder, { recursive: true }))

    it('is exact where it promises to be, and reports as it goes', async () => {
      const recorder = createRecorder()
      const outcome = await run(path, {}, recorder)
      expect(outcome).toMatchObject({
        type: 'succeeded',
        output: {
          rows: count,
          columns: [
            { name: 'id', type: 'INTEGER', min: 0, max: count - 1, mean: (count - 1) / 2, distinctIsEstimate: true },
            { name: 'key', type: 'TEXT', distinct: 7, topValues: { length: 7 } },
            { name: 'eighth', quantiles: { p50: (count - 1) / 16 }, quantilesAreEstimates: false },
            { name: 'note', distinct: 100, distinctIsEstimate: false, maxLength: 10 },
          ],
        },
      })
      const fractions = recorder.said.flatMap((said) => (said.type === 'progress' ? [said.fraction] : []))
      expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
      expect(recorder.said.at(-1)).toEqual({ type: 'progress', fraction: 1, message: '150,000 rows' })
      const partials = recorder.said.flatMap((said) => (said.type === 'partial' ? [said.data] : []))
      expect(partials.length).toBeGreaterThan(0)
      expect(partials[0]).toEqual({
        rows: expect.any(Number),
        bytesRead: expect.any(Number),
        columns: expect.arrayContaining([
          { name: 'key', type: 'TEXT', nulls: 0, distinct: 7, min: null, max: null, mean: null },
        ]),
      })
    })

    it('is the same by one thread and by three, each of which reads a part', async () => {
      const profiles = await Promise.all(
        [1, 3].map(async (threads) => {
          await using other = openPool({ threads, taskFiles: await listTaskFiles([]), logger: collectingLogger() })
          const recorder = createRecorder()
          const outcome = await run(path, { nulls: ['key 3'] }, recorder, { within: other })
          if (outcome.type !== 'succeeded') throw new Error(JSON.stringify(outcome))
          const { columns, ...rest } = outcome.output as Profile
          const near = ({ standardDeviation, ...exact }: Column) => ({
            ...exact,
            standardDeviation: standardDeviation?.toPrecision(12),
          })
          return { ...rest, columns: columns.map(near) }
        }),
      )
      expect(profiles[0]?.columns).toHaveLength(4)
      expect(profiles[1]).toEqual(profiles[0])
    })

    it.each([
      [
        'a row that is too short, late',
        140_000,
        'short',
        'The row on line 280002 has 1 field where the table has 4 columns.',
      ],
      [
        'a quote that is never closed, early: all parts begin in the wrong state',
        10_000,
        '1,2,3,"4',
        'The row that starts on line 20002 has text after a closing quote; a quote within a quoted field is written twice.',
      ],
      [
        'two mistakes, the first of which is told',
        70_000,
        'x"y"',
        'The row that starts on line 140002 has a quote in the middle of a field; such a field is put in quotes and the quote written twice.',
      ],
    ])('that has %s is told of by its line', async (_what, at, row, message) => {
      const lines = (await readFile(path, 'utf8')).split('\r\n')
      // Each row has a line end within it, and the header comes first.
      lines.splice(1 + 2 * at, 0, row)
      lines.push('the last row', '')
      const broken = join(folder, 'broken.csv')
      await writeFile(broken, lines.join('\r\n'))
      expect(await run(broken)).toEqual(failure('TASK_ERROR', message))
    })

    it('that has no row in its first part is read whole', async () => {
      const blank = join(folder, 'blank.csv')
      await writeFile(blank, `${'\n'.repeat(5_000_000)}a,b\n1,2\n`)
      expect(await profile(blank)).toMatchObject({
        rows: 1,
        columns: [
          { name: 'a', mean: 1 },
          { name: 'b', mean: 2 },
        ],
      })
    })

    it('stops soon when it is cancelled', async () => {
      const controller = new AbortController()
      const recorder = createRecorder()
      let abortedAt = 0
      const abort = (): void => {
        abortedAt ||= performance.now()
        controller.abort()
      }
      const outcome = run(path, {}, { ...recorder, progress: abort }, { signal: controller.signal })
      expect(await outcome).toEqual({ type: 'cancelled' })
      // By itself, before the end of the grace of 2 seconds, when its thread would have been ended.
      expect(performance.now() - abortedAt).toBeLessThan(1_900)
    })
  })
})

describe('computeFibonacci', () => {
  it('computes by the naive recursion, with progress', async () => {
    await using pool = openPool({ threads: 1, taskFiles: await listTaskFiles([]), logger: collectingLogger() })
    const recorder = createRecorder()
    const outcome = await runAttempt(pool, request('computeFibonacci', {}), recorder)
    expect(outcome).toEqual({ type: 'succeeded', output: { value: 832_040 } })
    expect(recorder.said.at(-1)).toEqual({ type: 'progress', fraction: 1, message: null })
    const refused = await runAttempt(pool, request('computeFibonacci', { n: 46 }), recorder)
    expect(refused).toEqual(failure('TASK_ERROR', 'The input is not valid. n: Too big: expected number to be <=45.'))
  })
})
