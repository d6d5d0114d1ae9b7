import type { Distribution } from '../../core/distribution.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

/** Adds the type `Distribution`. */
export function addDistribution(builder: Builder) {
  return builder.objectRef<Distribution>('Distribution').implement({
    description: 'How lengths of time are spread, in ms; all 0 where there are none.',
    directives: requiresOneOf('admin'),
    fields: (t) => ({
      count: t.exposeFloat('count', { description: 'How many there are.' }),
      mean: t.exposeFloat('mean', { description: 'Their mean.' }),
      p50: t.exposeFloat('p50', { description: 'Half of them are not longer.' }),
      p95: t.exposeFloat('p95', { description: 'Of 100 of them, 95 are not longer.' }),
      p99: t.exposeFloat('p99', { description: 'Of 100 of them, 99 are not longer.' }),
      max: t.exposeFloat('max', { description: 'The longest.' }),
    }),
  })
}

export type DistributionRef = ReturnType<typeof addDistribution>
