import { type MetricFamily, type MetricName, metricNames, metrics, type PlainSample } from '../../core/metrics.ts'
import type { Meter } from '../../ports/meter.ts'
import { createHistogram, type Histogram } from './histogram.ts'
import { createLabelSets, type LabelSets } from './label-sets.ts'

/** The figures that are told as things happen. */
export interface CountedFigures extends Meter {
  /** As they are now. A figure has samples once it was told. */
  read(): readonly MetricFamily[]
}

export interface CountedOptions {
  /** How many sets of labels a figure may have. */
  readonly maxLabelSets: number
  /** Told each time that something could not be counted. */
  readonly onRefusal: (name: MetricName, reason: string) => void
}

interface Count {
  value: number
}

/** Nothing has happened yet. */
export function createCountedFigures({ maxLabelSets, onRefusal }: CountedOptions): CountedFigures {
  const counters = new Map<MetricName, LabelSets<Count>>()
  const histograms = new Map<MetricName, Histogram>()
  for (const name of metricNames) {
    const figure = metrics[name]
    if (figure.type === 'counter')
      counters.set(
        name,
        createLabelSets(figure.labels, () => ({ value: 0 }), maxLabelSets),
      )
    if (figure.type === 'histogram') histograms.set(name, createHistogram(figure, maxLabelSets))
  }

  return {
    count(name, labels, by = 1) {
      if (!(by >= 0 && by < Infinity)) return onRefusal(name, 'not a number to count by')
      const counted = counters.get(name)?.find(labels) ?? null
      if (counted === null) onRefusal(name, 'too many sets of labels')
      else counted.value += by
    },
    observe(name, labels, seconds) {
      if (!Number.isFinite(seconds)) return onRefusal(name, 'not a length of time')
      if (histograms.get(name)?.observe(labels, seconds) !== true) onRefusal(name, 'too many sets of labels')
    },
    read: () => [
      ...[...counters].map(([name, sets]) => ({ name, samples: samplesOf(sets) })),
      ...[...histograms].map(([name, { read }]) => ({ name, samples: read() })),
    ],
  }
}

function samplesOf(sets: LabelSets<Count>): readonly PlainSample[] {
  return sets.entries().map(([labels, { value }]) => ({ labels, value }))
}
