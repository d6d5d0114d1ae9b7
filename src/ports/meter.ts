import type { CounterName, HistogramName, LabelsOf, MetricFamily, Readings } from '../core/metrics.ts'

/**
 * Counts what happens in this process. It returns at once, never throws, and holds as much as the values of the labels can be
 * different: callers give no label a value that a client made up.
 */
export interface Meter {
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void
  /** A length of time in seconds. */
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, seconds: number): void
}

/** The figures of this process. */
export interface Figures extends Meter {
  /**
   * Has the figures that are read, not counted, be read whenever somebody asks. A source that rejects, or takes longer than the
   * deadline, is left out of that answer. Call the result to stop.
   */
  addSource(read: () => Readings | Promise<Readings>): () => void
  /** All of them, each sample with the label `member`. Never rejects. */
  collect(): Promise<readonly MetricFamily[]>
}

/** Where nobody counts. */
export const noMeter: Meter = { count: () => {}, observe: () => {} }
