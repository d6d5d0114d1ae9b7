import { median } from '../paired-rounds.ts'

export interface RoundsOptions {
  readonly rounds: number
  readonly stopped: AbortSignal
}

/**
 * Measures all of them in each round, each time in another order; what was measured, by item and round. The round before the
 * first warms up. An interrupt ends it early.
 */
export async function inRounds<Item, Result>(
  items: readonly Item[],
  { rounds, stopped }: RoundsOptions,
  measure: (item: Item) => Promise<Result>,
): Promise<ReadonlyMap<Item, readonly Result[]>> {
  const results = new Map<Item, Result[]>(items.map((item) => [item, []]))
  for (let round = -1; round < rounds && !stopped.aborted; round += 1) {
    for (const [turn] of items.entries()) {
      const item = items[(turn + round + items.length) % items.length]
      if (item === undefined || stopped.aborted) break
      const result = await measure(item)
      if (round >= 0) results.get(item)?.push(result)
    }
  }
  return results
}

/** How many times as much as another: the median of the ratios within a round. */
export function pairedRatio(own: readonly number[], others: readonly number[]): number {
  return median(own.map((value, round) => value / (others[round] ?? Number.NaN)))
}
