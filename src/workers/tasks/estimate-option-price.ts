import { performance } from 'node:perf_hooks'
import { defineTask } from '../../task.ts'
import { createBlocks, finishBlock, mergeBlocks, pairsIn, takeBlock } from './estimate-option-price/blocks.ts'
import { momentsOf } from './estimate-option-price/moments.ts'
import { optionTerms, priceEstimate } from './estimate-option-price/option-terms.ts'
import { pairSampler } from './estimate-option-price/pair-samplers.ts'
import { priceOf } from './estimate-option-price/price-of.ts'
import { jumpXoshiro128, seedXoshiro128 } from './estimate-option-price/xoshiro128.ts'

/** At least so many ms lie between two prices so far. */
const partialPauseMs = 400

export default defineTask({
  name: 'estimateOptionPrice',
  description:
    'Estimates the price of a European, Asian or barrier option by Monte Carlo under geometric Brownian motion, with its confidence interval, on all threads at once.',
  version: '1',
  input: optionTerms,
  output: priceEstimate,
  partial: priceEstimate,
  timeoutMs: 60 * 60_000,
  memoizeFor: '30d',
  shards: {
    plan(terms, context) {
      const blocks = createBlocks(Math.ceil(terms.paths / 2))
      context.counter.total = 2 * blocks.pairs
      const shards = Math.min(context.threads, blocks.done.length)
      return { parts: Array.from({ length: shards }, (_, index) => index), shared: blocks }
    },
    async run(_, context) {
      const { input, shared: blocks } = context
      const sample = pairSampler(input)
      const state = seedXoshiro128(input.seed)
      let reached = 0
      let emittedAt = performance.now()
      for (let block = takeBlock(blocks); block !== null; block = takeBlock(blocks)) {
        for (; reached < block; reached += 1) jumpXoshiro128(state)
        const pairs = pairsIn(blocks, block)
        const own = state.slice()
        finishBlock(
          blocks,
          block,
          momentsOf(pairs, () => sample(own), context.throwIfCancelled),
        )
        context.counter.add(2 * pairs)
        if (context.shard.index !== 0 || performance.now() - emittedAt < partialPauseMs) continue
        await context.emit(priceOf(input, mergeBlocks(blocks)))
        emittedAt = performance.now()
      }
    },
    reduce: (_, { input, shared }) => priceOf(input, mergeBlocks(shared)),
  },
})
