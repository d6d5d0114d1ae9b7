import type { Bus } from '../../ports/bus.ts'
import type { EventBody, LoggedEvent } from '../../ports/event-log.ts'

/** An event as it travels on the bus; its channel says the topic. */
export type LiveEvent = Omit<LoggedEvent, 'topic'>

/** The channel on which the committed events of a topic are told to every process. */
export function liveChannel(topic: string): string {
  return `events:${topic}`
}

/** What puts events on the bus once they are committed: `store.onCommitted(publishCommitted(bus))`. */
export function publishCommitted(bus: Bus): (events: readonly LoggedEvent[]) => void {
  return (events) => {
    for (const { topic, epoch, offset, body, last } of events) {
      bus.publish(liveChannel(topic), { epoch, offset, body, last } satisfies LiveEvent)
    }
  }
}

/** Reads a message of the bus; `null` for what is no event. */
export function readLiveEvent(message: unknown): LiveEvent | null {
  if (typeof message !== 'object' || message === null) return null
  if (!('epoch' in message && 'offset' in message && 'body' in message && 'last' in message)) return null
  const { epoch, offset, body, last } = message
  if (typeof epoch !== 'string' || typeof offset !== 'number' || typeof last !== 'boolean') return null
  if (!Number.isSafeInteger(offset) || offset < 1 || typeof body !== 'object' || body === null) return null
  return { epoch, offset, body: body as EventBody, last } // an object out of JSON
}
