import type { Link } from '../../src/cluster/peer.ts'

export interface LinkPair extends AsyncDisposable {
  readonly ends: readonly [LinkEnd, LinkEnd]
  /** Closes the line for both, and loses what is on its way. */
  close(): void
}

export interface LinkEnd extends Link {
  /** Nothing leaves this end for the time being, as if the process at the other one were stopped. */
  hold(): void
  release(): void
  /** How many messages this end has sent. */
  readonly sent: number
}

interface Wire {
  end: LinkEnd
  deliver(message: unknown): void
  closed(): void
}

/** A line within this process: messages are copied as JSON and arrive in later turns of the event loop, in order. */
export function createLinkPair(): LinkPair {
  let isClosed = false
  const left: Wire = createWire(
    () => right,
    () => isClosed,
  )
  const right: Wire = createWire(
    () => left,
    () => isClosed,
  )
  function close(): void {
    if (isClosed) return
    isClosed = true
    for (const wire of [left, right]) wire.closed()
  }
  return { ends: [left.end, right.end], close, [Symbol.asyncDispose]: async () => close() }
}

function createWire(far: () => Wire, isClosed: () => boolean): Wire {
  const onMessage: ((message: unknown) => void)[] = []
  const onClose: (() => void)[] = []
  let held: (() => void)[] | null = null
  let sent = 0

  function transmit(text: string, done: () => void): void {
    setImmediate(() => {
      done()
      setImmediate(() => {
        if (!isClosed()) far().deliver(JSON.parse(text))
      })
    })
  }

  const end: LinkEnd = {
    send(message, done) {
      sent += 1
      const text = JSON.stringify(message)
      if (isClosed()) setImmediate(done)
      else if (held === null) transmit(text, done)
      else held.push(() => transmit(text, done))
    },
    onMessage: (listener) => void onMessage.push(listener),
    onClose: (listener) => void onClose.push(listener),
    hold() {
      held ??= []
    },
    release() {
      for (const send of held ?? []) send()
      held = null
    },
    get sent() {
      return sent
    },
  }
  return {
    end,
    deliver: (message) => onMessage.forEach((listener) => listener(message)),
    closed: () => onClose.forEach((listener) => listener()),
  }
}
