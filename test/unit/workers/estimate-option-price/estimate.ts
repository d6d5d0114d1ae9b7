import type { z } from '../../../../src/task.ts'
import { momentsOf } from '../../../../src/workers/tasks/estimate-option-price/moments.ts'
import { optionTerms, type priceEstimate } from '../../../../src/workers/tasks/estimate-option-price/option-terms.ts'
import { pairSampler } from '../../../../src/workers/tasks/estimate-option-price/pair-samplers.ts'
import { priceOf } from '../../../../src/workers/tasks/estimate-option-price/price-of.ts'
import { seedXoshiro128 } from '../../../../src/workers/tasks/estimate-option-price/xoshiro128.ts'

/** The price of an option from one block of paths, without shards. */
export function estimate(input: z.input<typeof optionTerms>): z.output<typeof priceEstimate> {
  const terms = optionTerms.parse(input)
  const sample = pairSampler(terms)
  const state = seedXoshiro128(terms.seed)
  return priceOf(
    terms,
    momentsOf(
      Math.ceil(terms.paths / 2),
      () => sample(state),
      () => undefined,
    ),
  )
}
