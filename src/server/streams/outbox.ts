/** Something that gathers what is to be written, until it is flushed. */
export interface Flushable {
  /** Writes all that it has gathered. Never throws. */
  flush(): void
}

/**
 * Who has something to write at the end of this piece of work (a callback of the event loop, with its promises): what one of
 * them has then goes out in one write.
 */
export interface Outbox {
  /** To be called once for each flush, when the first piece is gathered. */
  add(writer: Flushable): void
}

export function createOutbox(): Outbox {
  let waiting: Flushable[] = []

  function flush(): void {
    const writers = waiting
    waiting = []
    for (const writer of writers) writer.flush()
  }

  return {
    add(writer) {
      if (waiting.length === 0) queueMicrotask(flush)
      waiting.push(writer)
    },
  }
}
