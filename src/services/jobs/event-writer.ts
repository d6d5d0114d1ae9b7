/** Takes what is said and writes it in the order in which it was said, as much as there is at a time. */
export interface EventWriter<Said> {
  /** Resolves when it is written; rejects when it never will be. */
  say(said: Said): Promise<void>
  /** Drops what waits to be written and answers `true` to `isStale`. */
  drop(isStale: (said: Said) => boolean): void
  /** Resolves when all that was said is written, or never will be. */
  drained(): Promise<void>
}

interface Pending<Said> {
  readonly said: Said
  readonly written: () => void
  readonly failed: (reason: unknown) => void
}

/** The most that is written at a time. */
const batchSize = 64

/** A writer over `write`. When that rejects, all that waits is given up and nothing more is taken; then `failed` is called. */
export function createEventWriter<Said>(
  write: (batch: readonly Said[]) => Promise<void>,
  failed: () => void,
): EventWriter<Said> {
  let pending: Pending<Said>[] = []
  let flushing: Promise<void> | null = null
  let ended: { readonly reason: unknown } | null = null

  async function flush(): Promise<void> {
    // What is said in one go is written in one go.
    await Promise.resolve()
    while (pending.length > 0) {
      const batch = pending.slice(0, batchSize)
      pending = pending.slice(batchSize)
      try {
        await write(batch.map(({ said }) => said))
        for (const { written } of batch) written()
      } catch (reason) {
        const lost = [...batch, ...pending]
        pending = []
        ended = { reason }
        failed()
        for (const item of lost) item.failed(reason)
      }
    }
    flushing = null
  }

  return {
    say(said) {
      return new Promise((resolve, reject) => {
        if (ended !== null) {
          reject(ended.reason instanceof Error ? ended.reason : new Error(String(ended.reason)))
          return
        }
        pending.push({ said, written: resolve, failed: reject })
        flushing ??= flush()
      })
    },
    drop(isStale) {
      pending = pending.filter(({ said }) => !isStale(said))
    },
    async drained() {
      while (flushing !== null) await flushing
    },
  }
}
