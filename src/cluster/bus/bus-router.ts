import { createChangeListeners } from '../../core/change-listeners.ts'
import { createChannelListeners } from '../../core/channel-listeners.ts'
import type { Bus } from '../../ports/bus.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Peer } from '../peer.ts'
import { createBusLane, readBusMessages } from './bus-lane.ts'
import { BusSeats } from './bus-seats.ts'
import { hearFromOutside } from './hear-from-outside.ts'

/** The primary's part of the bus. */
export interface BusRouter {
  /** Takes a member in, until its line closes. To be called before the member's first message is read. */
  join(peer: Peer): void
  /** The primary's own end. Once it is closed, messages are passed on between the members all the same. */
  readonly bus: Bus
}

/** Passes messages on between the members that listen to their channels, without reading them. */
export function createBusRouter(logger: Logger): BusRouter {
  const seats = new BusSeats()
  const changes = createChangeListeners<boolean>((error) => {
    logger.error({ error: String(error) }, 'A listener to the state of the bus threw.')
  })
  const listeners = createChannelListeners((channel, error) => {
    logger.error({ channel, error: String(error) }, 'A listener on the bus threw.')
  })
  let closed = false

  const bus: Bus = {
    publish(channel, message) {
      if (closed) return
      const text = JSON.stringify(message)
      listeners.publish(channel, text)
      seats.forward([channel, text], null)
    },
    async subscribe(channel, listener) {
      if (closed) throw new Error('The bus is closed.')
      return listeners.add(channel, listener)
    },
    isLive: true,
    onChange: changes.add,
    async [Symbol.asyncDispose]() {
      closed = true
      changes.clear()
      listeners.clear()
    },
  }

  return {
    join(peer) {
      const seat = seats.take(createBusLane(peer))
      peer.closed.addEventListener('abort', () => seats.leave(seat))
      peer.answer('bus.subscribe', (body) => seats.subscribe(seat, body))
      peer.onNotice('bus.unsubscribe', (body) => seats.unsubscribe(seat, body))
      peer.onNotice('bus', (body) => {
        for (const message of readBusMessages(body)) {
          seats.forward(message, seat)
          hearFromOutside(listeners, message, logger)
        }
      })
      peer.onNotice('bus.lost', () => {
        seats.lose(seat)
        changes.tell(true)
      })
    },
    bus,
  }
}
