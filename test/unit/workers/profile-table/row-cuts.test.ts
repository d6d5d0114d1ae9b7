import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addRows } from '../../../../src/workers/tasks/profile-table/add-rows.ts'
import { joinTables } from '../../../../src/workers/tasks/profile-table/profile-rows.ts'
import { readRows, type ByteRange } from '../../../../src/workers/tasks/profile-table/read-rows.ts'
import { evenRanges, firstRowStart, hasOddQuotes } from '../../../../src/workers/tasks/profile-table/row-cuts.ts'
import { createTableProfile } from '../../../../src/workers/tasks/profile-table/table-profile.ts'
import { profileOf, rowsOf, withFile } from './profile-text.ts'

const pause = (): void => undefined

/** The ranges of whole rows that so many shards find, in the steps in which they find them. */
async function cut(path: string, size: number, count: number): Promise<readonly ByteRange[]> {
  const ranges = evenRanges(size, count)
  const odd = await Promise.all(ranges.map((range) => hasOddQuotes(path, range, pause)))
  const starts = await Promise.all(
    ranges.map(async (range, index) =>
      index === 0 ? 0 : firstRowStart(path, range, odd.slice(0, index).filter(Boolean).length % 2 === 1, pause),
    ),
  )
  return starts.map((start, index) => {
    const to = starts.slice(index + 1).find((next) => next !== null) ?? size
    return { from: start ?? to, to }
  })
}

async function rowsInParts(content: string, count: number): Promise<readonly (readonly (readonly string[])[])[]> {
  const size = Buffer.byteLength(content)
  return withFile(content, async (path) => {
    const parts: string[][][] = []
    for (const range of await cut(path, size, count)) {
      const rows: string[][] = []
      parts.push(rows)
      if (range.from === range.to) continue
      const sink = { row: (fields: readonly string[]) => void rows.push([...fields]), chunk: pause }
      await readRows({ path, delimiter: 'COMMA', range }, sink)
    }
    return parts
  })
}

describe('a file cut into parts', () => {
  it('has the rows of the whole, wherever the cuts would fall', async () => {
    const text = '\uFEFFназва,"note ""x"""\r\n"grüße,\r\n😀 ""q""",東京\r\n\r\n,"\n"\n\n"a\n\nb",c\rlast,ende\r\n'
    const whole = await rowsOf(text, { delimiter: 'COMMA' })
    for (let count = 1; count <= Buffer.byteLength(text); count += 1) {
      const parts = await rowsInParts(text, count)
      expect(parts).toHaveLength(count)
      expect(parts.flat()).toEqual(whole)
    }
  })

  it('has the rows that were written', async () => {
    const field = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"', ',', '\n', '\r\n', 'a"b', '', '""\n'))
    const table = fc
      .integer({ min: 1, max: 3 })
      .chain((width) =>
        fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 2, maxLength: 12 }),
      )
    const end = fc.constantFrom('\n', '\r\n', '\r')
    await fc.assert(
      fc.asyncProperty(table, end, fc.integer({ min: 2, max: 9 }), async (written, lineEnd, count) => {
        const clean = written.map((row) => row.map((text) => text.replaceAll('\0', '').toWellFormed()))
        const lines = clean.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',') + lineEnd)
        expect((await rowsInParts(lines.join(''), count)).flat()).toEqual(clean)
      }),
      { numRuns: 50 },
    )
  })

  it('is parted about evenly', async () => {
    const parts = await rowsInParts(Array.from({ length: 1_000 }, (_, row) => `${1_000 + row},x\n`).join(''), 4)
    expect(parts.map((rows) => rows.length)).toEqual([250, 250, 250, 250])
  })

  it('has parts without rows where a row is longer than they are', async () => {
    const parts = await rowsInParts(`a\n"${'x\n'.repeat(100)}"\nb\n`, 8)
    expect(parts.flat()).toHaveLength(3)
    expect(parts.filter((rows) => rows.length === 0).length).toBeGreaterThan(4)
  })

  it('has the profile of the whole, and the same sample', async () => {
    // 1,000 columns would share what 16 have: 64 columns have 262,144 values each, and 16,384 different ones.
    const header = Array.from({ length: 64 }, (_, index) => `c${index}`).join(',')
    const row = (n: number): string =>
      `${n},${n % 3 === 0 ? '' : n / 8},"two\nlines ${n % 9}",2024-01-${10 + (n % 20)}${',x'.repeat(60)}`
    const text = `${header}\n${Array.from({ length: 20_000 }, (_, n) => row(n)).join('\n')}\n`
    const whole = await profileOf(text)
    const size = Buffer.byteLength(text)
    await withFile(text, async (path) => {
      const states = []
      for (const [index, range] of (await cut(path, size, 5)).entries()) {
        const table = createTableProfile([])
        await readRows({ path, delimiter: 'COMMA', range }, { row: addRows(table, index === 0), chunk: pause })
        states.push(structuredClone(table.state()))
      }
      const joined = joinTables(states)
      expect(joined?.rows).toBe(20_000)
      const near = ({ standardDeviation, ...exact }: (typeof whole.columns)[number]) => ({
        ...exact,
        standardDeviation: standardDeviation?.toPrecision(12),
      })
      expect(joined?.columns().map(near)).toEqual(whole.columns.map(near))
    })
  })
})
