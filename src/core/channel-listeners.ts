type Listener = (message: unknown) => void

/** Who listens to which channel in this process. Messages are JSON, so that a listener gets no object that someone else changes. */
export interface ChannelListeners {
  has(channel: string): boolean
  /** Call the result to end it, which may be done twice. The same listener may be added twice. */
  add(channel: string, listener: Listener): () => void
  /** Has what was published in this process heard after the code that published it, in order. */
  publish(channel: string, text: string): void
  /** Has a message heard now. Throws a `SyntaxError` for what is no JSON, where anybody listens. */
  hear(channel: string, text: string): void
  clear(): void
}

/** `onThrow` hears what a listener threw; the others hear the message all the same. */
export function createChannelListeners(onThrow: (channel: string, error: unknown) => void): ChannelListeners {
  const channels = new Map<string, Set<Listener>>()
  let published: { readonly channel: string; readonly text: string }[] = []

  function deliver(): void {
    const messages = published
    published = []
    for (const { channel, text } of messages) hear(channel, text)
  }

  function hear(channel: string, text: string): void {
    const listeners = channels.get(channel)
    if (listeners === undefined) return
    const message: unknown = JSON.parse(text)
    for (const listener of listeners) {
      try {
        listener(message)
      } catch (error) {
        onThrow(channel, error)
      }
    }
  }

  return {
    has: (channel) => channels.has(channel),
    add(channel, listener) {
      // A function of its own for each time.
      const own: Listener = (message) => listener(message)
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners.add(own))
      return () => {
        listeners.delete(own)
        if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel)
      }
    },
    publish(channel, text) {
      if (!channels.has(channel)) return
      if (published.length === 0) queueMicrotask(deliver)
      published.push({ channel, text })
    },
    hear,
    clear() {
      published = []
      channels.clear()
    },
  }
}
