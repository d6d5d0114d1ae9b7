import { mergeMoments, noMoments, type Moments } from './moments.ts'

/** Pairs of paths in a block, whatever the number of threads: the blocks are what makes the answer the same on all of them. */
const pairsPerBlock = 4_096

/** The blocks of a job in shared memory: who is free takes the next, and leaves its moments in the block's place. */
export interface Blocks {
  readonly pairs: number
  /** One number: how many blocks were taken. */
  readonly taken: Int32Array<SharedArrayBuffer>
  /** 1 where the moments of a block are there. */
  readonly done: Int32Array<SharedArrayBuffer>
  /** Mean and squares of each. */
  readonly moments: Float64Array<SharedArrayBuffer>
}

export function createBlocks(pairs: number): Blocks {
  const count = Math.ceil(pairs / pairsPerBlock)
  return {
    pairs,
    taken: new Int32Array(new SharedArrayBuffer(4)),
    done: new Int32Array(new SharedArrayBuffer(4 * count)),
    moments: new Float64Array(new SharedArrayBuffer(16 * count)),
  }
}

/** The number of the next block, or `null` when all are taken. */
export function takeBlock({ taken, done }: Blocks): number | null {
  const block = Atomics.add(taken, 0, 1)
  return block < done.length ? block : null
}

/** How many pairs a block has: all the same, but the last. */
export function pairsIn({ pairs }: Blocks, block: number): number {
  return Math.min(pairsPerBlock, pairs - block * pairsPerBlock)
}

export function finishBlock({ moments, done }: Blocks, block: number, { mean, squares }: Moments): void {
  moments[2 * block] = mean
  moments[2 * block + 1] = squares
  // After the plain writes, which this makes visible to who reads it.
  Atomics.store(done, block, 1)
}

/** The moments of all blocks that are done, merged in their order: the last digits depend on it. */
export function mergeBlocks(blocks: Blocks): Moments {
  let merged = noMoments
  for (let block = 0; block < blocks.done.length; block += 1) {
    if (Atomics.load(blocks.done, block) === 0) continue
    const [mean = 0, squares = 0] = blocks.moments.subarray(2 * block, 2 * block + 2)
    merged = mergeMoments(merged, { count: pairsIn(blocks, block), mean, squares })
  }
  return merged
}
