import { openPollClient } from './poll-client.ts'
import { openSseClient } from './sse-client.ts'
import type { ClientOptions, StreamClient } from './stream-client.ts'
import { openWsClient } from './ws-client.ts'

export const transports = ['ws', 'sse', 'poll'] as const

export type Transport = (typeof transports)[number]

/** The stock client of each transport, with the same methods. */
export const openClient: Readonly<Record<Transport, (options: ClientOptions) => StreamClient>> = {
  ws: openWsClient,
  sse: openSseClient,
  poll: openPollClient,
}
