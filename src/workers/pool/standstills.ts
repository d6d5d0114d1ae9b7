/** Deadlines that leave out the time in which a thread stands still for a heap snapshot, which is not the task's doing. */
export interface Standstills {
  /** The thread stands still from now on. Call the result once it goes on. */
  begin(threadId: number): () => void
  /**
   * Calls back so many ms later, those not counted in which a thread stands still that `concerns` it. Call the result to have it
   * stay away.
   */
  after(ms: number, concerns: (threadId: number) => boolean, call: () => void): () => void
}

export function createStandstills(): Standstills {
  const still = new Set<number>()
  const deadlines = new Set<Deadline>()

  return {
    begin(threadId) {
      still.add(threadId)
      for (const deadline of deadlines) deadline.stop(threadId)
      return () => {
        still.delete(threadId)
        for (const deadline of deadlines) deadline.goOn(threadId)
      }
    },
    after(ms, concerns, call) {
      const deadline = new Deadline(ms, concerns, () => {
        deadlines.delete(deadline)
        call()
      })
      deadlines.add(deadline)
      for (const threadId of still) deadline.stop(threadId)
      return () => {
        deadlines.delete(deadline)
        deadline.end()
      }
    },
  }
}

class Deadline {
  readonly #concerns: (threadId: number) => boolean
  readonly #call: () => void
  /** The threads that it waits for. */
  readonly #stoppedBy = new Set<number>()
  #leftMs: number
  #since = performance.now()
  #timer: NodeJS.Timeout

  constructor(ms: number, concerns: (threadId: number) => boolean, call: () => void) {
    this.#concerns = concerns
    this.#call = call
    this.#leftMs = ms
    this.#timer = setTimeout(call, ms)
  }

  stop(threadId: number): void {
    if (!this.#concerns(threadId)) return
    if (this.#stoppedBy.size === 0) {
      clearTimeout(this.#timer)
      this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#since))
    }
    this.#stoppedBy.add(threadId)
  }

  goOn(threadId: number): void {
    if (!this.#stoppedBy.delete(threadId) || this.#stoppedBy.size > 0) return
    this.#since = performance.now()
    this.#timer = setTimeout(this.#call, this.#leftMs)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
