import { createChannelListeners } from '../../core/channel-listeners.ts'
import type { Bus } from '../../ports/bus.ts'
import type { Logger } from '../../ports/logger.ts'

/** A `Bus` within this process, always live. Messages are delivered in the order of `publish`, after the code that published them. */
export function localBus(logger: Logger): Bus {
  const listeners = createChannelListeners((channel, error) => {
    logger.error({ channel, error: String(error) }, 'A listener on the bus threw.')
  })
  let closed = false

  return {
    publish(channel, message) {
      if (!closed && listeners.has(channel)) listeners.publish(channel, JSON.stringify(message))
    },
    async subscribe(channel, listener) {
      if (closed) throw new Error('The bus is closed.')
      return listeners.add(channel, listener)
    },
    isLive: true,
    onChange: () => () => undefined,
    async [Symbol.asyncDispose]() {
      closed = true
      listeners.clear()
    },
  }
}
