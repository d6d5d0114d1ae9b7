import type { MemorySign } from '../../core/memory.ts'
import type { Recycling } from './recycle.ts'

export interface SignResponses {
  /** Must not reject; `null` where none is taken. */
  readonly takeSnapshot: ((sign: MemorySign) => Promise<void>) | null
  /** `null` where the process stays. */
  readonly recycling: Recycling | null
}

export interface SignResponder extends AsyncDisposable {
  /** To be called at each look, for as long as it lasts. */
  hear(sign: MemorySign): void
}

/** Does what is to be done about memory, one after the other. Disposing of it waits for what is being done. */
export function respondToSigns({ takeSnapshot, recycling }: SignResponses): SignResponder {
  /** What waits for its turn, or has it. */
  const waiting = new Set<string>()
  let doing = Promise.resolve()
  let isOver = false

  async function respond(sign: MemorySign): Promise<void> {
    // One that leaves has nothing else to do, and its successor is small again.
    if (isOver || recycling?.isLeaving === true) return
    await takeSnapshot?.(sign)
    if (!isOver) recycling?.over(sign.kind)
  }

  return {
    hear(sign) {
      const key = `${sign.kind} ${sign.threadId}`
      if (isOver || waiting.has(key)) return
      waiting.add(key)
      doing = doing.then(() => respond(sign)).finally(() => waiting.delete(key))
    },
    async [Symbol.asyncDispose]() {
      isOver = true
      await doing
    },
  }
}
