/** Sends in order, never more than so many ahead of the one who acknowledges. */
export interface SendWindow {
  /** Sends at once or keeps it until there is room. Resolves when it has been sent. */
  push(json: string): Promise<void>
  acknowledge(): void
  /** Resolves once all that was pushed has been sent, or dropped. */
  drained(): Promise<void>
  /** How many are kept back. */
  readonly waiting: number
  /** Drops what is kept back. */
  close(): void
}

export function createSendWindow(size: number, send: (json: string) => void): SendWindow {
  const waiting: { readonly json: string; readonly resolve: () => void }[] = []
  let unacknowledged = 0
  let onDrained: (() => void) | null = null

  function next(): void {
    while (unacknowledged < size) {
      const first = waiting.shift()
      if (first === undefined) break
      unacknowledged += 1
      send(first.json)
      first.resolve()
    }
    if (waiting.length === 0) onDrained?.()
  }

  return {
    push: (json) =>
      new Promise((resolve) => {
        waiting.push({ json, resolve })
        next()
      }),
    acknowledge() {
      unacknowledged -= 1
      next()
    },
    drained: () =>
      new Promise((resolve) => {
        onDrained = resolve
        next()
      }),
    get waiting() {
      return waiting.length
    },
    close() {
      waiting.length = 0
      onDrained?.()
    },
  }
}
