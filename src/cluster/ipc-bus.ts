import { createChangeListeners } from '../core/change-listeners.ts'
import { createChannelListeners } from '../core/channel-listeners.ts'
import type { Bus } from '../ports/bus.ts'
import type { Logger } from '../ports/logger.ts'
import { createBusLane, readBusMessages } from './bus/bus-lane.ts'
import { BusSubscriptions } from './bus/bus-subscriptions.ts'
import { hearFromOutside } from './bus/hear-from-outside.ts'
import type { LineState } from './line-state.ts'
import type { Peer } from './peer.ts'

export interface IpcBusOptions {
  /** The primary, whose router it has joined. */
  readonly peer: Peer
  readonly line: LineState
  readonly logger: Logger
  /** Within which the primary must acknowledge a subscription, ms. */
  readonly deadlineMs?: number
  /** Between two attempts to get through to it, ms. */
  readonly retryMs?: number
}

/**
 * A `Bus` between the members of a cluster, through the primary. It is live while the primary is heard and acknowledges
 * subscriptions. Messages of one turn of the event loop travel together.
 */
export function createIpcBus({ peer, line, logger, deadlineMs = 2_000, retryMs = 500 }: IpcBusOptions): Bus {
  const listeners = createChannelListeners((channel, error) => {
    logger.error({ channel, error: String(error) }, 'A listener on the bus threw.')
  })
  const changes = createChangeListeners<boolean>((error) => {
    logger.error({ error: String(error) }, 'A listener to the state of the bus threw.')
  })
  const lane = createBusLane(peer)
  const subscriptions = new BusSubscriptions({ peer, line, deadlineMs, retryMs, onChange: changes.tell })
  let closed = false
  const stops = [
    peer.onNotice('bus', (body) => {
      for (const message of readBusMessages(body)) hearFromOutside(listeners, message, logger)
    }),
    peer.onNotice('bus.lost', () => {
      // Who is told that the bus is live again looks for what it missed anyway.
      if (subscriptions.isLive) changes.tell(true)
    }),
  ]

  return {
    publish(channel, message) {
      if (closed) return
      const text = JSON.stringify(message)
      listeners.publish(channel, text)
      lane.push(channel, text)
    },
    async subscribe(channel, listener) {
      if (closed) throw new Error('The bus is closed.')
      const stop = listeners.add(channel, listener)
      await subscriptions.want(channel)
      return () => {
        stop()
        if (!listeners.has(channel)) subscriptions.drop(channel)
      }
    },
    get isLive() {
      return subscriptions.isLive
    },
    onChange: changes.add,
    async [Symbol.asyncDispose]() {
      closed = true
      for (const stop of stops) stop()
      changes.clear()
      listeners.clear()
      lane.close()
      subscriptions[Symbol.dispose]()
    },
  }
}
