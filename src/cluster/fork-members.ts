import cluster, { type Worker } from 'node:cluster'
import { createPeer } from './create-peer.ts'
import type { Exit, ForkedMember, ForkMember } from './forked-member.ts'
import type { Link } from './peer.ts'
import { processLink } from './process-link.ts'
import { orderVariable } from './read-order.ts'
import { returnConnections } from './supervisor/return-connections.ts'

export interface ForkMembersOptions {
  /** Hears what was thrown by who listens to a member, which must not end the primary. */
  onError(error: unknown): void
  /** The file that a member runs; the one that this process was started with, when not given. */
  readonly exec?: string
  /** Its arguments; those of this process, when not given. */
  readonly args?: readonly string[]
}

/** How long what a process has said before its end may take to arrive after it, ms. */
const lastWordsMs = 1_000

/**
 * Forks members with `node:cluster`: they share the ports that they listen on, and this process gives out the connections in
 * turn. A port is open as long as one member listens on it; while there is none, connections to it are refused. A member finds
 * its order in the environment, has this process's standard streams, and is in its process group.
 */
export function forkMembers({ exec, args, onError }: ForkMembersOptions): ForkMember {
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({ serialization: 'json', ...(exec && { exec }), ...(args && { args: [...args] }) })

  return (order) => {
    try {
      return forkedMember(cluster.fork({ [orderVariable]: JSON.stringify(order) }), onError)
    } catch {
      return noMember()
    }
  }
}

function forkedMember(worker: Worker, onError: ForkMembersOptions['onError']): ForkedMember {
  // What cannot be sent any more is told to who sent it.
  worker.on('error', () => {})
  returnConnections(worker)
  return {
    pid: worker.process.pid ?? null,
    peer: createPeer(processLink(worker.process), { onError }),
    kill: (signal) => void worker.process.kill(signal),
    exited: exitOf(worker),
  }
}

function exitOf(worker: Worker): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>()
  let isCut = false
  worker.process.once('disconnect', () => {
    isCut = true
  })
  worker.once('exit', (code: number | null, signal: string | null) => {
    const end = () => {
      // Node does not tell of the end of a channel over which a connection was sent that the process did not take.
      if (!isCut) worker.process.emit('disconnect')
      resolve({ code, signal })
    }
    if (isCut || !worker.isConnected()) {
      setImmediate(end)
      return
    }
    const timer = setTimeout(end, lastWordsMs)
    worker.once('disconnect', () => {
      clearTimeout(timer)
      end()
    })
  })
  // Node tells only this of a process that it could not start.
  if (worker.process.pid === undefined) worker.once('error', () => resolve({ code: null, signal: null }))
  return promise
}

const closedLink: Link = {
  send: (_message, sent) => sent(),
  onMessage: () => {},
  onClose: (listener) => queueMicrotask(listener),
}

function noMember(): ForkedMember {
  const exited = Promise.resolve({ code: null, signal: null })
  return { pid: null, peer: createPeer(closedLink), kill: () => {}, exited }
}
