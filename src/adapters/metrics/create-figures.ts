import { type MetricName, type MetricSample, metricNames, type Readings } from '../../core/metrics.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Figures } from '../../ports/meter.ts'
import { createCountedFigures } from './counted-figures.ts'
import { createFigureSource, type FigureSource } from './figure-source.ts'

export interface FiguresOptions {
  /** The place of the process, which each sample has as its label `member`. */
  readonly number: number
  readonly logger?: Logger
  /** How many sets of labels a figure may have; what is over that is left out, and the log says so once. */
  readonly maxLabelSets?: number
  /** How long a source may take, ms. */
  readonly sourceMs?: number
}

/** The figures of a process. They belong to nobody but who made them, and nothing of them outlives that. */
export function createFigures({ number, logger, maxLabelSets = 2_000, sourceMs = 500 }: FiguresOptions): Figures {
  const refused = new Set<MetricName>()
  const counted = createCountedFigures({
    maxLabelSets,
    onRefusal(name, reason) {
      if (refused.has(name)) return
      refused.add(name)
      logger?.error({ figure: name, reason }, 'Something is not counted. The log says this once for each figure.')
    },
  })
  const sources = new Set<FigureSource>()
  const member = String(number)

  return {
    count: counted.count,
    observe: counted.observe,
    addSource(read) {
      const source = createFigureSource(read, (reason) => logger?.debug({ reason }, 'Some figures could not be read.'))
      sources.add(source)
      return () => void sources.delete(source)
    },
    async collect() {
      const readings = await Promise.all([...sources].map((source) => source.read(sourceMs)))
      const families = new Map<MetricName, MetricSample[]>()
      const add = (name: MetricName, { labels, ...sample }: MetricSample) => {
        const samples = families.get(name) ?? []
        samples.push({ ...sample, labels: { member, ...labels } })
        families.set(name, samples)
      }
      for (const { name, samples } of counted.read()) for (const sample of samples) add(name, sample)
      for (const name of metricNames)
        for (const reading of readings) for (const sample of samplesOf(name, reading)) add(name, sample)
      return [...families].map(([name, samples]) => ({ name, samples }))
    },
  }
}

function samplesOf(name: MetricName, readings: Readings): readonly MetricSample[] {
  // Histograms are counted, not read.
  const samples: Readings[keyof Readings] = readings[name as keyof Readings]
  return samples ?? []
}
