import { Refusal } from '../../core/errors.ts'
import { patienceMs } from './retry-while-busy.ts'
import { runBatch, type TransactionOptions, type Work } from './transaction-batch.ts'

export interface TransactionQueue {
  /** Queues the work; `undone` is called when what it did was rolled back. Rejects with `OVERLOADED` when too much waits. */
  add<T>(run: () => Promise<T>, undone?: () => void): Promise<T>
  /**
   * Takes no more work; resolves when nothing is waiting or under way. While another process holds the lock, what waits is told
   * after two seconds that it cannot be done.
   */
  close(): Promise<void>
}

/** The most pieces of work that may wait. */
const maxWaiting = 20_000

/** How long a queue that is closed waits for the lock of another process, in ms: who stops must come to an end. */
const lastPatienceMs = 2_000

/**
 * Runs pieces of work one after another on one connection; those that are asked for in one turn of the event loop share a
 * transaction.
 */
export function createTransactionQueue(options: TransactionOptions): TransactionQueue {
  const waiting: Work[] = []
  let flushing: Promise<void> | null = null
  let closed = false

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      await new Promise(setImmediate)
      await runBatch({ ...options, patience: () => (closed ? lastPatienceMs : patienceMs) }, waiting)
    }
    flushing = null
  }

  return {
    add<T>(run: () => Promise<T>, undone = nothing): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (closed) throw new Error('The store is closed.')
        if (waiting.length >= maxWaiting) throw new Refusal('OVERLOADED', 'Too much work is waiting for the database.')
        // The value that comes back is the one that `run` gave.
        waiting.push({ run, undone, resolve: resolve as (value: unknown) => void, reject })
        flushing ??= flush()
      })
    },
    async close() {
      closed = true
      while (flushing !== null) await flushing
    },
  }
}

function nothing(): void {
  // What only reads leaves nothing to be undone.
}
