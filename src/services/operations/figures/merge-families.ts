import { type MetricFamily, type MetricName, type MetricSample, metricNames } from '../../../core/metrics.ts'

/** One family for each figure, in the order of the table, with the samples of all. */
export function mergeFamilies(parts: readonly (readonly MetricFamily[])[]): readonly MetricFamily[] {
  const merged = new Map<MetricName, MetricSample[]>()
  for (const { name, samples } of parts.flat()) {
    const known = merged.get(name)
    if (known === undefined) merged.set(name, [...samples])
    else for (const sample of samples) known.push(sample)
  }
  return metricNames.flatMap((name) => {
    const samples = merged.get(name)
    return samples === undefined ? [] : [{ name, samples }]
  })
}
