import type { Bus } from '../../src/ports/bus.ts'
import type { LoggedEvent } from '../../src/ports/event-log.ts'
import { liveChannel } from '../../src/services/streams/live-events.ts'

/** A bus on which nothing travels by itself: the test says what arrives. */
export interface ScriptedBus extends Bus {
  /** Brings an event to who listens now. */
  deliver(event: LoggedEvent): void
  /** Brings any message to who listens to the topic now. */
  deliverMessage(topic: string, message: unknown): void
  /** How many subscriptions the topic has. */
  listeners(topic: string): number
  /** How many subscriptions were ever asked for. */
  readonly subscribed: number
}

export interface ScriptedBusOptions {
  /** Awaited before a subscription counts and is acknowledged. */
  readonly acknowledge?: () => Promise<void>
}

export function createScriptedBus({ acknowledge = async () => undefined }: ScriptedBusOptions = {}): ScriptedBus {
  const channels = new Map<string, Set<(message: unknown) => void>>()
  let subscribed = 0

  function deliverMessage(topic: string, message: unknown): void {
    channels.get(liveChannel(topic))?.forEach((listener) => listener(message))
  }

  return {
    publish: () => undefined,
    isLive: true,
    onChange: () => () => undefined,
    async subscribe(channel, listener) {
      subscribed += 1
      await acknowledge()
      const own = (message: unknown) => listener(message)
      channels.set(channel, (channels.get(channel) ?? new Set()).add(own))
      return () => channels.get(channel)?.delete(own)
    },
    deliver: ({ topic, ...event }) => deliverMessage(topic, event),
    deliverMessage,
    listeners: (topic) => channels.get(liveChannel(topic))?.size ?? 0,
    get subscribed() {
      return subscribed
    },
    async [Symbol.asyncDispose]() {
      channels.clear()
    },
  }
}
