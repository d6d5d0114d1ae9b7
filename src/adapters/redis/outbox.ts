/** What is to be told to the other processes. Bounded: what has no room, or no connection, is lost, which is told later. */
export interface Outbox {
  /** Sends a message with the others of this turn of the event loop for the channel. */
  push(channel: string, text: string): void
  /** Whether messages were lost since this was asked last. */
  takeLoss(): boolean
  /** Says that messages were lost. */
  lose(): void
  /** Resolves when all that was pushed is sent or lost. */
  flushed(): Promise<void>
}

export interface OutboxOptions {
  /** Whether anything can be sent at all. */
  isUp(): boolean
  /** Sends what belongs together; rejects when it may not have arrived. */
  send(channel: string, texts: readonly string[]): Promise<unknown>
}

/** Characters: of one message, of what is sent together, and of what may be under way. */
const most = { message: 1024 * 1024, together: 256 * 1024, underWay: 8 * 1024 * 1024 }

interface Batch {
  texts: string[]
  size: number
}

export function createOutbox({ isUp, send }: OutboxOptions): Outbox {
  const batches = new Map<string, Batch>()
  const sending = new Set<Promise<void>>()
  let underWay = 0
  let hasLost = false

  const lose = () => {
    hasLost = true
  }

  function flush(): void {
    const all = [...batches]
    batches.clear()
    for (const [channel, batch] of all) dispatch(channel, batch)
  }

  function dispatch(channel: string, { texts, size }: Batch): void {
    if (!isUp()) {
      underWay -= size
      lose()
      return
    }
    const sent = send(channel, texts)
      .then(() => undefined, lose)
      .finally(() => {
        underWay -= size
        sending.delete(sent)
      })
    sending.add(sent)
  }

  return {
    push(channel, text) {
      if (!isUp() || text.length > most.message || underWay + text.length > most.underWay) {
        lose()
        return
      }
      if (batches.size === 0) setImmediate(flush)
      const batch = batches.get(channel) ?? { texts: [], size: 0 }
      batches.set(channel, batch)
      batch.texts.push(text)
      batch.size += text.length
      underWay += text.length
      if (batch.size < most.together) return
      batches.delete(channel)
      dispatch(channel, batch)
    },
    takeLoss() {
      const lost = hasLost
      hasLost = false
      return lost
    },
    lose,
    async flushed() {
      flush()
      await Promise.all(sending)
    },
  }
}
