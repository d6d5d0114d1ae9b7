import type { Distribution } from '../../core/distribution.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

/** Adds the type `Distribution`. */
export function addDistribution(builder: Builder) {
  return builder.objectRef<Distribution>('Distribution').implement({
    description: 'How lengths of time are spread, in ms; all 0 where there are none.',
    directives: requiresOneOf('admin'),
    fields: (t) => ({
      count: t.exposeFloat('count', { description: 'How many lengths of time were measured.' }),
      mean: t.exposeFloat('mean', { description: 'The mean length, in ms.' }),
      p50: t.exposeFloat('p50', { description: 'The median: half of the lengths are not above it, in ms.' }),
      p95: t.exposeFloat('p95', { description: 'The 95th percentile: 95 of 100 lengths are not above it, in ms.' }),
      p99: t.exposeFloat('p99', { description: 'The 99th percentile: 99 of 100 lengths are not above it, in ms.' }),
      max: t.exposeFloat('max', { description: 'The longest, in ms.' }),
    }),
  })
}

export type DistributionRef = ReturnType<typeof addDistribution>
