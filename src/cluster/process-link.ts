import type { Link } from './peer.ts'

/** One end of an IPC channel: `process` in a member, the `process` of a `cluster.Worker` in the primary. */
export interface ProcessEnd {
  send?(message: unknown, sent: (error: Error | null) => void): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  once(event: 'disconnect', listener: () => void): unknown
}

/** A `Link` over an IPC channel of Node. Throws a `TypeError` where there is none. */
export function processLink(end: ProcessEnd): Link {
  if (end.send === undefined) throw new TypeError('This process has no IPC channel.')
  const send = end.send.bind(end)
  // What waits behind a connection that the other side has not taken is forgotten when the channel closes.
  const unsent = new Set<() => void>()
  end.once('disconnect', () => {
    for (const settle of unsent) settle()
  })

  return {
    send(message, sent) {
      const settle = () => {
        if (unsent.delete(settle)) sent()
      }
      unsent.add(settle)
      try {
        send(message, settle)
      } catch {
        settle()
      }
    },
    onMessage: (listener) => void end.on('message', listener),
    onClose: (listener) => void end.once('disconnect', listener),
  }
}
