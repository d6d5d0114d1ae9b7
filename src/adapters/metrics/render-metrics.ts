import { setImmediate as endOfTurn } from 'node:timers/promises'
import { type HistogramSample, type MetricFamily, metrics, type MetricSample } from '../../core/metrics.ts'

/** The format of Prometheus, as text. */
export const metricsMediaType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Writes the figures, each of which there is once, in the text format 0.0.4: a figure in each turn of the event loop, since those of
 * several processes take 10 ms and more. It is written here because the figures are counted here: prom-client counts in 350 to 600 ns a
 * sample, `createFigures` in 50 to 110, and its writer alone is out of reach without its collectors.
 */
export async function renderMetrics(families: readonly MetricFamily[]): Promise<string> {
  const texts: string[] = []
  for (const family of families) {
    texts.push(textOf(family))
    await endOfTurn()
  }
  return texts.join('')
}

function textOf({ name, samples }: MetricFamily): string {
  const figure = metrics[name]
  const bounds = figure.type === 'histogram' ? figure.buckets.map(String) : []
  const lines = samples.flatMap((sample) => linesOf(name, sample, bounds))
  return [`# HELP ${name} ${escape(figure.help)}`, `# TYPE ${name} ${figure.type}`, ...lines, ''].join('\n')
}

function linesOf(name: string, sample: MetricSample, bounds: readonly string[]): readonly string[] {
  const labels = Object.entries(sample.labels).map(([label, value]) => `${label}="${escapeValue(value)}"`)
  if ('value' in sample) return [`${name}${inBraces(labels)} ${sample.value}`]
  const upTo = countsUpTo(sample)
  return [
    ...upTo.map(
      (count, bucket) => `${name}_bucket${inBraces([`le="${bounds[bucket] ?? '+Inf'}"`, ...labels])} ${count}`,
    ),
    `${name}_sum${inBraces(labels)} ${sample.sum}`,
    `${name}_count${inBraces(labels)} ${upTo.at(-1) ?? 0}`,
  ]
}

/** Each bucket with all below it. */
function countsUpTo({ counts }: Pick<HistogramSample, 'counts'>): readonly number[] {
  let sum = 0
  return counts.map((count) => (sum += count))
}

const inBraces = (labels: readonly string[]) => (labels.length === 0 ? '' : `{${labels.join(',')}}`)

/** Of a help text. */
function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeValue(value: string): string {
  return escape(value).replaceAll('"', '\\"')
}
