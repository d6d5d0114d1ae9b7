import type { Bus } from '../../src/ports/bus.ts'
import type { LoggedEvent } from '../../src/ports/event-log.ts'
import { liveChannel } from '../../src/services/streams/live-events.ts'

/** A bus on which nothing travels by itself: the test says what arrives. */
export interface ScriptedBus extends Bus {
  /** Brings an event to who listens now. */
  deliver(event: LoggedEvent): void
  /** Brings any message to who listens to the topic now. */
  deliverMessage(topic: string, message: unknown): void
  /** Tells who listens to the state that it is so now, whether it was so before or not. */
  turn(isLive: boolean): void
  /** How many listen to the state. */
  readonly watchers: number
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
  const watchers = new Set<(isLive: boolean) => void>()
  let subscribed = 0
  let isLive = true

  function deliverMessage(topic: string, message: unknown): void {
    channels.get(liveChannel(topic))?.forEach((listener) => listener(message))
  }

  return {
    publish: () => undefined,
    get isLive() {
      return isLive
    },
    onChange(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    turn(live) {
      isLive = live
      for (const watcher of watchers) watcher(live)
    },
    get watchers() {
      return watchers.size
    },
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
