import type { Bus } from '../../ports/bus.ts'
import type { Logger } from '../../ports/logger.ts'

type Listener = (message: unknown) => void

/** A `Bus` within this process, always live. Messages are delivered in the order of `publish`, after the code that published them. */
export function localBus(logger: Logger): Bus {
  const channels = new Map<string, Set<Listener>>()
  let pending: { readonly channel: string; readonly text: string }[] = []
  let closed = false

  function deliver(): void {
    const messages = pending
    pending = []
    for (const { channel, text } of messages) {
      // As between processes: a listener gets what JSON can carry, and no object that someone else still changes.
      const message: unknown = JSON.parse(text)
      for (const listener of channels.get(channel) ?? []) hear(listener, message, channel)
    }
  }

  function hear(listener: Listener, message: unknown, channel: string): void {
    try {
      listener(message)
    } catch (error) {
      logger.error({ channel, error: String(error) }, 'A listener on the bus threw.')
    }
  }

  return {
    publish(channel, message) {
      if (closed || !channels.has(channel)) return
      if (pending.length === 0) queueMicrotask(deliver)
      pending.push({ channel, text: JSON.stringify(message) })
    },

    async subscribe(channel, listener) {
      if (closed) throw new Error('The bus is closed.')
      // A function of its own for each subscription: the same listener may subscribe twice.
      const subscription: Listener = (message) => listener(message)
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners.add(subscription))
      return () => {
        listeners.delete(subscription)
        if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel)
      }
    },

    isLive: true,
    onChange: () => () => undefined,

    async [Symbol.asyncDispose]() {
      closed = true
      pending = []
      channels.clear()
    },
  }
}
