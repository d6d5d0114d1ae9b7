import { readCell, type CellReading } from './cell-reading.ts'
import type { CellType } from './cell-type.ts'
import { histogram, quantile, type Bin } from './quantiles.ts'
import { createRunningMoments, type RunningMoments } from './running-moments.ts'
import { createValueCounts, type CountedValue } from './value-counts.ts'
import { createValueSample, type ValueSample } from './value-sample.ts'

export type ColumnType = CellType | 'EMPTY'

/** What is known of a column while the table is still being read. */
export interface ColumnSoFar {
  readonly name: string
  readonly type: ColumnType
  readonly nulls: number
  readonly distinct: number
  readonly min: number | null
  readonly max: number | null
  readonly mean: number | null
}

export interface Quantiles {
  readonly p05: number
  readonly p25: number
  readonly p50: number
  readonly p75: number
  readonly p95: number
}

export interface ColumnStatistics extends ColumnSoFar {
  readonly distinctIsEstimate: boolean
  readonly standardDeviation: number | null
  readonly quantiles: Quantiles | null
  readonly quantilesAreEstimates: boolean
  readonly histogram: readonly Bin[]
  readonly topValues: readonly CountedValue[]
  readonly earliest: string | null
  readonly latest: string | null
  readonly minLength: number | null
  readonly maxLength: number | null
}

export interface ColumnLimits {
  /** Up to so many different texts are counted exactly. */
  readonly distinct: number
  /** Up to so many numbers are all kept for quantiles and histogram. */
  readonly values: number
}

export interface ColumnProfile {
  add(cell: string): void
  soFar(): ColumnSoFar
  statistics(): ColumnStatistics
}

const topLength = 10

/** Profiles one column, cell by cell, in bounded memory. `nulls` are texts that stand for an empty cell. */
export function createColumnProfile(name: string, nulls: ReadonlySet<string>, limits: ColumnLimits): ColumnProfile {
  const counts = createValueCounts(limits.distinct, readCell)
  const seen: Record<CellType, number> = { INTEGER: 0, NUMBER: 0, BOOLEAN: 0, DATE: 0, TEXT: 0 }
  // One cell that is no number, or no date, makes the column text: what was gathered is let go of.
  let numbers: Numbers | null = { moments: createRunningMoments(), sample: createValueSample(limits.values) }
  let dates: DateRange | null = { first: null, last: null }
  let minLength = Infinity
  let maxLength = 0
  let empty = 0
  let filled = 0

  function add(cell: string): void {
    if (cell.charCodeAt(0) > space ? nulls.size > 0 && nulls.has(cell.trim()) : isEmpty(cell, nulls)) {
      empty += 1
      return
    }
    filled += 1
    if (cell.length < minLength) minLength = cell.length
    if (cell.length > maxLength) maxLength = cell.length
    const reading = counts.add(cell)
    seen[reading.type] += 1
    if (numbers !== null) numbers = addNumber(numbers, reading)
    if (dates !== null) dates = addDate(dates, reading, cell)
  }

  function type(): ColumnType {
    if (filled === 0) return 'EMPTY'
    if (seen.INTEGER + seen.NUMBER === filled) return seen.NUMBER === 0 ? 'INTEGER' : 'NUMBER'
    if (seen.BOOLEAN === filled) return 'BOOLEAN'
    return seen.DATE === filled ? 'DATE' : 'TEXT'
  }

  function soFar(): ColumnSoFar {
    const moments = filled === 0 ? null : (numbers?.moments ?? null)
    return {
      name,
      type: type(),
      nulls: empty,
      distinct: Math.min(counts.distinct, filled), // an estimate may be over
      min: moments?.min ?? null,
      max: moments?.max ?? null,
      mean: moments?.mean ?? null,
    }
  }

  function statistics(): ColumnStatistics {
    return {
      ...soFar(),
      distinctIsEstimate: counts.isEstimate,
      ...statisticsOf(filled === 0 ? null : numbers),
      topValues: counts.top(topLength),
      earliest: dates?.first?.text ?? null,
      latest: dates?.last?.text ?? null,
      minLength: filled === 0 ? null : minLength,
      maxLength: filled === 0 ? null : maxLength,
    }
  }

  return { add, soFar, statistics }
}

interface Numbers {
  readonly moments: RunningMoments
  readonly sample: ValueSample
}

function addNumber(numbers: Numbers, { type, value }: CellReading): Numbers | null {
  if (type !== 'INTEGER' && type !== 'NUMBER') return null
  numbers.moments.add(value)
  numbers.sample.add(value)
  return numbers
}

function statisticsOf(
  numbers: Numbers | null,
): Pick<ColumnStatistics, 'standardDeviation' | 'quantiles' | 'quantilesAreEstimates' | 'histogram'> {
  if (numbers === null) return { standardDeviation: null, quantiles: null, quantilesAreEstimates: false, histogram: [] }
  const { moments, sample } = numbers
  const sorted = sample.sorted()
  const at = (p: number): number => quantile(sorted, p) ?? 0
  return {
    standardDeviation: moments.standardDeviation,
    quantiles: { p05: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) },
    quantilesAreEstimates: !sample.isWhole,
    histogram: histogram(sorted, moments.min, moments.max, moments.count),
  }
}

interface DatedText {
  readonly time: number
  /** As it was written. */
  readonly text: string
}

interface DateRange {
  readonly first: DatedText | null
  readonly last: DatedText | null
}

function addDate(range: DateRange, { type, value: time }: CellReading, cell: string): DateRange | null {
  if (type !== 'DATE') return null
  const { first, last } = range
  if (first !== null && last !== null && time >= first.time && time <= last.time) return range
  const dated = { time, text: cell.trim() }
  return {
    first: first === null || time < first.time ? dated : first,
    last: last === null || time > last.time ? dated : last,
  }
}

const space = 32

function isEmpty(cell: string, nulls: ReadonlySet<string>): boolean {
  const text = cell.trim()
  return text === '' || nulls.has(text)
}
