import { rowOf } from '../line/row-of.ts'
import type { Peer } from '../peer.ts'

/** A message of the bus between processes: its text is JSON, which only who listens reads. */
export type BusMessage = readonly [channel: string, text: string]

/** One way of the bus over a line. */
export interface BusLane {
  /** Sends a message with the others of this turn of the event loop. */
  push(channel: string, text: string): void
  /** Has the other side told that messages to it were lost, once there is room for messages again. */
  lose(): void
  close(): void
}

/** Characters of messages that go in one notice at most, but for a single one that is longer. */
const maxBatch = 256 * 1024

/** A lane over a peer. What the line does not take is lost: no message follows before the other side was told that. */
export function createBusLane(peer: Peer, retryMs = 250): BusLane {
  let batch: BusMessage[] = []
  let size = 0
  let isLossy = false
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    const messages = batch
    batch = []
    size = 0
    if (messages.length === 0 || peer.closed.aborted || (isLossy && !tellLoss())) return
    if (!peer.notify('bus', messages)) tellLoss()
  }

  /** Whether the other side knows now of what was lost; otherwise it is tried again. */
  function tellLoss(): boolean {
    isLossy = !peer.notify('bus.lost', null)
    clearTimeout(timer)
    if (isLossy && !peer.closed.aborted) timer = setTimeout(tellLoss, retryMs)
    return !isLossy
  }

  function close(): void {
    batch = []
    clearTimeout(timer)
  }

  peer.closed.addEventListener('abort', close)
  return {
    push(channel, text) {
      if (batch.length === 0) queueMicrotask(flush)
      batch.push([channel, text])
      size += channel.length + text.length
      if (size >= maxBatch) flush()
    },
    lose() {
      if (!isLossy) tellLoss()
    },
    close,
  }
}

/** Reads a `bus` notice; what is no message is passed over. */
export function readBusMessages(body: unknown): readonly BusMessage[] {
  return rowOf(body).filter(isBusMessage)
}

function isBusMessage(value: unknown): value is BusMessage {
  if (!Array.isArray(value)) return false
  return value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'string'
}

/** Channels in one request, and characters in the name of one, at most. */
export const maxChannels = 1_000
const maxChannelLength = 1_024

/** Reads a list of channels; `null` for what is none. */
export function readChannels(body: unknown): readonly string[] | null {
  if (!Array.isArray(body) || body.length > maxChannels) return null
  return body.every((channel) => typeof channel === 'string' && channel.length <= maxChannelLength) ? body : null
}
