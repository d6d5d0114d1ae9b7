import { readCell, type CellReading } from './cell-reading.ts'
import { cellTypes, type CellType } from './cell-type.ts'
import { histogram, quantile, type Bin } from './quantiles.ts'
import { createDateRange, type DateRange, type DateRangeState } from './date-range.ts'
import { createRunningMoments, type MomentsState, type RunningMoments } from './running-moments.ts'
import { createValueCounts, type CountedValue, type CountsState, type ValueCounts } from './value-counts.ts'
import { createValueSample, type SampleState, type ValueSample } from './value-sample.ts'

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

/** What is known of a part of a column, to be joined with what is known of the next. It can be posted to another thread. */
export interface ColumnState {
  readonly name: string
  readonly empty: number
  readonly filled: number
  readonly seen: Readonly<Record<CellType, number>>
  readonly minLength: number
  readonly maxLength: number
  readonly counts: CountsState
  /** `null` when a cell was no number. The sample is left out of running statistics. */
  readonly numbers: { readonly moments: MomentsState; readonly sample: SampleState | null } | null
  /** `null` when a cell was no date. */
  readonly dates: DateRangeState | null
}

export interface ColumnProfile {
  /** Takes a cell of the row that drew the lot (`lotOf`). */
  add(cell: string, lot: number): void
  soFar(): ColumnSoFar
  statistics(): ColumnStatistics
  /** What another is given to merge; `running` leaves out what `soFar` does not need. */
  state(running?: boolean): ColumnState
  /** Takes in the cells of another part of the column, as if they had come after those that are here. */
  merge(state: ColumnState): void
}

export interface ColumnOptions {
  readonly name: string
  /** Texts that stand for an empty cell. */
  readonly nulls: ReadonlySet<string>
  readonly limits: ColumnLimits
  /** What a cell is read as; by its looks where it is not given. */
  readonly read?: (cell: string) => CellReading
}

const topLength = 10

/** Profiles one column, cell by cell, in bounded memory. */
export function createColumnProfile(options: ColumnOptions): ColumnProfile {
  return new Column(options)
}

class Column implements ColumnProfile {
  readonly #name: string
  readonly #nulls: ReadonlySet<string>
  readonly #counts: ValueCounts<CellReading>
  readonly #seen: Record<CellType, number> = { INTEGER: 0, NUMBER: 0, BOOLEAN: 0, DATE: 0, TEXT: 0 }
  // One cell that is no number, or no date, makes the column text: what was gathered is let go of.
  #numbers: Numbers | null
  #dates: DateRange | null = createDateRange()
  #minLength = Infinity
  #maxLength = 0
  #empty = 0
  #filled = 0

  constructor({ name, nulls, limits, read = readCell }: ColumnOptions) {
    this.#name = name
    this.#nulls = nulls
    this.#counts = createValueCounts(limits.distinct, read)
    this.#numbers = { moments: createRunningMoments(), sample: createValueSample(limits.values) }
  }

  add(cell: string, lot: number): void {
    const nulls = this.#nulls
    if (cell.charCodeAt(0) > space ? nulls.size > 0 && nulls.has(cell.trim()) : isEmpty(cell, nulls)) {
      this.#empty += 1
      return
    }
    this.#filled += 1
    if (cell.length < this.#minLength) this.#minLength = cell.length
    if (cell.length > this.#maxLength) this.#maxLength = cell.length
    const { type, value } = this.#counts.add(cell)
    this.#seen[type] += 1
    if (type !== 'DATE') this.#dates = null
    else this.#dates?.add(value, cell)
    if (type !== 'INTEGER' && type !== 'NUMBER') this.#numbers = null
    if (this.#numbers === null) return
    this.#numbers.moments.add(value)
    this.#numbers.sample.add(value, lot)
  }

  soFar(): ColumnSoFar {
    const moments = this.#filled === 0 ? null : (this.#numbers?.moments ?? null)
    return {
      name: this.#name,
      type: this.#type(),
      nulls: this.#empty,
      distinct: Math.min(this.#counts.distinct, this.#filled), // an estimate may be over
      min: moments?.min ?? null,
      max: moments?.max ?? null,
      mean: moments?.mean ?? null,
    }
  }

  statistics(): ColumnStatistics {
    const range = this.#dates?.state() ?? null
    return {
      ...this.soFar(),
      distinctIsEstimate: this.#counts.isEstimate,
      ...statisticsOf(this.#filled === 0 ? null : this.#numbers),
      topValues: this.#counts.top(topLength),
      earliest: range?.first?.text ?? null,
      latest: range?.last?.text ?? null,
      minLength: this.#filled === 0 ? null : this.#minLength,
      maxLength: this.#filled === 0 ? null : this.#maxLength,
    }
  }

  state(running = false): ColumnState {
    const numbers = this.#numbers
    return {
      name: this.#name,
      empty: this.#empty,
      filled: this.#filled,
      seen: { ...this.#seen },
      minLength: this.#minLength,
      maxLength: this.#maxLength,
      counts: this.#counts.state(running),
      numbers: numbers && { moments: numbers.moments.state(), sample: running ? null : numbers.sample.state() },
      dates: this.#dates?.state() ?? null,
    }
  }

  merge(other: ColumnState): void {
    this.#empty += other.empty
    this.#filled += other.filled
    this.#minLength = Math.min(this.#minLength, other.minLength)
    this.#maxLength = Math.max(this.#maxLength, other.maxLength)
    for (const type of cellTypes) this.#seen[type] += other.seen[type]
    this.#counts.merge(other.counts)
    if (other.dates === null) this.#dates = null
    else this.#dates?.merge(other.dates)
    if (other.numbers === null) this.#numbers = null
    if (this.#numbers === null || other.numbers === null) return
    this.#numbers.moments.merge(other.numbers.moments)
    if (other.numbers.sample !== null) this.#numbers.sample.merge(other.numbers.sample)
  }

  #type(): ColumnType {
    const { INTEGER, NUMBER, BOOLEAN, DATE } = this.#seen
    if (this.#filled === 0) return 'EMPTY'
    if (INTEGER + NUMBER === this.#filled) return NUMBER === 0 ? 'INTEGER' : 'NUMBER'
    if (BOOLEAN === this.#filled) return 'BOOLEAN'
    return DATE === this.#filled ? 'DATE' : 'TEXT'
  }
}

interface Numbers {
  readonly moments: RunningMoments
  readonly sample: ValueSample
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

const space = 32

function isEmpty(cell: string, nulls: ReadonlySet<string>): boolean {
  const text = cell.trim()
  return text === '' || nulls.has(text)
}
