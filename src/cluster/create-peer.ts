import { createAnswering, type Handler } from './line/answering.ts'
import { createAsked } from './line/asked.ts'
import { type Frame, readFrames } from './line/frames.ts'
import { createOutgoing } from './line/outgoing.ts'
import { type Link, type Peer, PeerError } from './peer.ts'

export interface PeerOptions {
  /** About how many bytes may wait to be sent. */
  readonly maxUnsentBytes?: number
  /** How many requests may wait for answers, in either direction each. */
  readonly maxPending?: number
  /** Hears what a listener to notices threw. Without it, that is an uncaught exception, since it is a fault of this program. */
  readonly onError?: (error: unknown, notice: string) => void
}

/**
 * What part of the bound may be waiting for a notice of a name to join it; the whole for all others. A flood on the bus leaves
 * room for what keeps the members alive, and the loss of messages is told once there is room for messages again.
 */
const partsOfBound: Readonly<Record<string, number>> = { bus: 7 / 8, 'bus.lost': 1 / 2 }

/** A `Peer` over a link. */
export function createPeer(link: Link, options: PeerOptions = {}): Peer {
  const { maxUnsentBytes = 8 * 1024 * 1024, maxPending = 10_000, onError = throwLater } = options
  const closed = new AbortController()
  const outgoing = createOutgoing(link, maxUnsentBytes)
  const asked = createAsked()
  const listeners = new Map<string, (body: unknown) => void>()
  const handlers = new Map<string, Handler>()
  const answering = createAnswering({ handlers, max: maxPending, gone: closed.signal })
  let lastId = 0

  function receive(frame: Frame): void {
    if (frame[0] === 'notice') hear(frame[1], frame[2])
    else if (frame[0] === 'answer') asked.answer(frame[1], frame[2])
    else if (frame[0] === 'failure') asked.fail(frame[1], new PeerError(frame[2], frame[3]))
    else serve(frame[1], frame[2], frame[3])
  }

  function hear(name: string, body: unknown): void {
    try {
      listeners.get(name)?.(body)
    } catch (error) {
      onError(error, name)
    }
  }

  function serve(id: number, name: string, body: unknown): void {
    // Who asked an overloaded line hears nothing, until the deadline.
    answering.serve(name, body, {
      answer: (answer) => void outgoing.push(['answer', id, answer], 1),
      fail: (code, sentence) => void outgoing.push(['failure', id, code, sentence], 1),
    })
  }

  link.onMessage((message) => {
    for (const frame of readFrames(message)) if (!closed.signal.aborted) receive(frame)
  })
  link.onClose(() => {
    const error = new PeerError('CLOSED', 'The line to the other process is closed.')
    outgoing.close()
    closed.abort(error)
    asked.failAll(error)
  })

  return {
    notify: (name, body) => outgoing.push(['notice', name, body], partsOfBound[name] ?? 1),
    onNotice: (name, listener) => enter(listeners, name, listener),
    async request(name, body, { deadlineMs }) {
      if (closed.signal.aborted) throw closed.signal.reason
      if (asked.size >= maxPending) throw new PeerError('OVERLOADED', 'Too many requests wait for their answers.')
      lastId += 1
      if (outgoing.push(['request', lastId, name, body], 1)) return asked.wait(lastId, name, deadlineMs)
      throw new PeerError('OVERLOADED', 'Too much waits to be sent to the other process.')
    },
    answer: (name, handler) => enter(handlers, name, handler),
    closed: closed.signal,
  }
}

/** Throws a `TypeError` when the name has one already; call the result to take it out again. */
function enter<T>(table: Map<string, T>, name: string, value: T): () => void {
  if (table.has(name)) throw new TypeError(`"${name}" is listened to already.`)
  table.set(name, value)
  return () => {
    if (table.get(name) === value) table.delete(name)
  }
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
