import type { ChildProcess } from 'node:child_process'
import type { Worker } from 'node:cluster'

/** Who can be given a connection. */
const listening = new Set<Worker>()

/**
 * Gives the connections that were handed to a member, and that it had not taken when it ended, to another one; where nobody
 * listens they are closed. `node:cluster` itself forgets them, so that their clients wait for ever: seen with Node 26.10 when a
 * stopped member is killed, see `onconnection` in lib/internal/cluster/child.js and `handoff` in round_robin_handle.js. The
 * messages between these two are Node's own: where they look different, all stays as Node does it.
 */
export function returnConnections(worker: Worker): void {
  // Its types know of no internal messages.
  const channel = worker.process as ChildProcess & InternalChannel
  const handed = new Set<number>()
  const send: (...args: unknown[]) => boolean = channel.send.bind(channel)
  channel.send = (...args: unknown[]) => {
    const seq = readHandover(args[0])
    if (seq !== null) handed.add(seq)
    return send(...args)
  }
  channel.on('internalMessage', (message: unknown) => {
    const { ack, act } = readInternal(message)
    if (typeof ack === 'number') handed.delete(ack)
    if (act === 'close') listening.delete(worker)
  })
  worker.on('listening', () => listening.add(worker))
  channel.once('disconnect', () => {
    listening.delete(worker)
    const accepted = listening.size === 0
    for (const ack of handed) channel.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted })
  })
}

interface InternalChannel {
  send(...args: unknown[]): boolean
  on(event: 'internalMessage', listener: (message: unknown) => void): unknown
  emit(event: 'internalMessage', message: object): unknown
}

/** The number of the handover of a connection, which is acknowledged with it. */
function readHandover(message: unknown): number | null {
  const { act, seq } = readInternal(message)
  return act === 'newconn' && typeof seq === 'number' ? seq : null
}

function readInternal(message: unknown): Readonly<Record<string, unknown>> {
  const isInternal =
    typeof message === 'object' && message !== null && 'cmd' in message && message.cmd === 'NODE_CLUSTER'
  return isInternal ? { ...message } : {}
}
