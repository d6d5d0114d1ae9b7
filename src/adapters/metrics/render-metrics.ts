import { setImmediate as endOfTurn } from 'node:timers/promises'
import type { Registry as PromRegistry } from 'prom-client'
// @ts-expect-error It has no types of its own. The whole library takes 60 ms to load, for collectors that nobody uses here.
import UntypedRegistry from 'prom-client/lib/registry.js'
import { type MetricFamily, metrics, type MetricSample } from '../../core/metrics.ts'

/** The format of Prometheus, as text. */
export const metricsMediaType = 'text/plain; version=0.0.4; charset=utf-8'

// The class of which the library's own types tell.
const Registry = UntypedRegistry as typeof PromRegistry

/** One line, as the library's writer takes it. */
interface Line {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string>>
  /** Those that several lines have; they are written once. */
  readonly sharedLabels?: Readonly<Record<string, string>>
  readonly value: number
}

/**
 * Writes the figures, each of which there is once, in the text format 0.0.4: a figure in each turn of the event loop, since those of
 * several processes take 10 ms and more.
 */
export async function renderMetrics(families: readonly MetricFamily[]): Promise<string> {
  const registry = new Registry()
  const texts: string[] = []
  for (const { name, samples } of families) {
    const { type, help } = metrics[name]
    const values = samples.flatMap((sample) => linesOf(name, sample))
    const figure = { name, get: async () => ({ name, help, type, values, aggregator: 'omit' }) }
    // All that its writer asks of a figure.
    registry.registerMetric(figure as unknown as Parameters<typeof registry.registerMetric>[0])
    texts.push(`${await registry.getSingleMetricAsString(name)}\n`)
    await endOfTurn()
  }
  return texts.join('')
}

function linesOf(name: MetricFamily['name'], sample: MetricSample): readonly Line[] {
  const { labels } = sample
  if ('value' in sample) return [{ metricName: name, labels, value: sample.value }]
  const edges = boundsOf(name)
  let count = 0
  const lines: Line[] = sample.counts.map((more, bucket) => {
    count += more
    const le = edges[bucket] ?? '+Inf'
    return { metricName: `${name}_bucket`, labels: { le }, sharedLabels: labels, value: count }
  })
  lines.push({ metricName: `${name}_sum`, labels: {}, sharedLabels: labels, value: sample.sum })
  lines.push({ metricName: `${name}_count`, labels: {}, sharedLabels: labels, value: count })
  return lines
}

function boundsOf(name: MetricFamily['name']): readonly string[] {
  const figure = metrics[name]
  return figure.type === 'histogram' ? figure.buckets.map(String) : []
}
