/** The most threads that one attempt may occupy: between each two of them lies a channel. */
export const maxShards = 64

/** 32-bit words of the control block, by what they hold. */
const word = { stop: 0, ended: 1, arrived: 2, round: 3, event: 4, partialBytes: 5, logLines: 6 } as const
/** Its 64-bit words; they lie behind the others. */
const longWord = { count: 4, total: 5 } as const
const bytes = 48

/**
 * The memory that one attempt's threads and the main thread share: what must be seen by a thread that never awaits, and what
 * all shards count together. The main thread only stores, adds and notifies: it never waits.
 */
export interface Control {
  readonly memory: SharedArrayBuffer
  readonly words: Int32Array<SharedArrayBuffer>
  readonly longWords: BigInt64Array<SharedArrayBuffer>
}

export function createControl(): Control {
  return viewControl(new SharedArrayBuffer(bytes))
}

export function viewControl(memory: SharedArrayBuffer): Control {
  return { memory, words: new Int32Array(memory), longWords: new BigInt64Array(memory) }
}

export function isStopped({ words }: Control): boolean {
  return Atomics.load(words, word.stop) !== 0
}

/** Tells the threads to stop, those at a barrier too. */
export function tellStop({ words }: Control): void {
  Atomics.store(words, word.stop, 1)
  wakeBarrier(words)
}

/** Tells the shards that one of them has ended and will come to no barrier any more. */
export function tellEnded({ words }: Control): void {
  Atomics.add(words, word.ended, 1)
  wakeBarrier(words)
}

function wakeBarrier(words: Int32Array<SharedArrayBuffer>): void {
  // Whoever has looked and is about to wait finds the word changed, so no wake-up is lost.
  Atomics.add(words, word.event, 1)
  Atomics.notify(words, word.event)
}

/**
 * Waits, blocking the thread, until as many shards as there are have come. Throws the error of `stopped` when the job is to
 * stop, and another when a shard has ended and will never come.
 */
export function waitAtBarrier({ words }: Control, of: number, stopped: () => Error): void {
  const obstacle = (): Error | null => {
    if (Atomics.load(words, word.stop) !== 0) return stopped()
    if (Atomics.load(words, word.ended) === 0) return null
    return new Error('Another shard has ended and will never come to the barrier: all must pass it equally often.')
  }
  const before = obstacle()
  if (before !== null) throw before
  // Before arriving: the round cannot end without this shard.
  const round = Atomics.load(words, word.round)
  if (Atomics.add(words, word.arrived, 1) + 1 === of) {
    Atomics.store(words, word.arrived, 0)
    Atomics.add(words, word.round, 1)
    wakeBarrier(words)
    return
  }
  for (;;) {
    const event = Atomics.load(words, word.event)
    // Looked for before the round: a shard that has ended may have completed this round first.
    const inTheWay = obstacle()
    if (Atomics.load(words, word.round) !== round) return
    if (inTheWay !== null) throw inTheWay
    Atomics.wait(words, word.event, event)
  }
}

/** Counts bytes of partial results; answers how many the attempt has by then. */
export function addPartialBytes({ words }: Control, bytes: number): number {
  return Atomics.add(words, word.partialBytes, bytes) + bytes
}

/** Counts a log line; answers how many the attempt has by then. */
export function addLogLine({ words }: Control): number {
  return Atomics.add(words, word.logLines, 1) + 1
}

/** Adds to the count that the shards share; answers the count with it. */
export function addToCount({ longWords }: Control, by: number): number {
  return Number(Atomics.add(longWords, longWord.count, by === 1 ? 1n : BigInt(by))) + by
}

export function readCount({ longWords }: Control): number {
  return Number(Atomics.load(longWords, longWord.count))
}

/** What the count goes up to; 0 where that was not said. */
export function readTotal({ longWords }: Control): number {
  return Number(Atomics.load(longWords, longWord.total))
}

export function setTotal({ longWords }: Control, total: number): void {
  Atomics.store(longWords, longWord.total, BigInt(total))
}
