import { isJsonObject, type JsonObject } from '../../../core/json-object.ts'
import { type MetricFamily, type MetricName, metricNames, metrics, type MetricSample } from '../../../core/metrics.ts'

/** How long the value of a label may be. */
const maxLabelLength = 200

/**
 * The figures that a process answered with, read as strictly as what comes from outside: what is no figure of the table, or no sample
 * of one, is left out, and so is a sample whose labels came before. The label `member` is the number of who answered, whatever
 * the answer says.
 */
export function readFamilies(answer: unknown, number: number): readonly MetricFamily[] {
  if (!Array.isArray(answer)) return []
  const told = new Map(answer.filter(isJsonObject).map(({ name, samples }) => [name, samples]))
  return metricNames.flatMap((name): readonly MetricFamily[] => {
    const samples: unknown = told.get(name)
    return Array.isArray(samples) ? [{ name, samples: readSamples(name, samples, String(number)) }] : []
  })
}

function readSamples(name: MetricName, samples: readonly unknown[], member: string): readonly MetricSample[] {
  const { labels: names } = metrics[name]
  const seen = new Set<string>()
  return samples.filter(isJsonObject).flatMap((sample): readonly MetricSample[] => {
    const values = valuesOf(sample['labels'], names)
    const read = readValue(name, sample)
    const key = values?.join('\0')
    if (values === null || read === null || key === undefined || seen.has(key)) return []
    seen.add(key)
    return [{ labels: { member, ...Object.fromEntries(names.map((label, at) => [label, values[at] ?? ''])) }, ...read }]
  })
}

/** The values of these labels; `null` where one is missing or is no text. */
function valuesOf(labels: unknown, names: readonly string[]): readonly string[] | null {
  if (!isJsonObject(labels)) return null
  const values = names.map((name) => labels[name]).filter((value) => typeof value === 'string')
  return values.length === names.length && values.every(({ length }) => length <= maxLabelLength) ? values : null
}

/** What a sample says beside its labels; `null` where a figure of that name says something else. */
function readValue(name: MetricName, { value, counts, sum }: JsonObject) {
  const figure = metrics[name]
  if (figure.type !== 'histogram') return isNumber(value) ? { value } : null
  if (!Array.isArray(counts) || counts.length !== figure.buckets.length + 1 || !isNumber(sum)) return null
  return counts.every((count) => isNumber(count) && count >= 0) ? { counts: counts.map(Number), sum } : null
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
