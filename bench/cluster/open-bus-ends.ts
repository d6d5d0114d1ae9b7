import { fork } from 'node:child_process'
import { pinoLogger } from '../../src/adapters/logging/pino-logger.ts'
import { createBusRouter } from '../../src/cluster/bus/bus-router.ts'
import { createPeer } from '../../src/cluster/create-peer.ts'
import type { Peer } from '../../src/cluster/peer.ts'
import { processLink } from '../../src/cluster/process-link.ts'
import { endProcess } from '../asked-process.ts'
import type { BusOrders } from './bus-messages.ts'
import type { BenchRedis } from './redis-of-bench.ts'

/** Two processes with a bus between them, and no server. */
export interface BusEnds extends AsyncDisposable {
  readonly name: string
  /** What the second of them heard of what the first one published: µs from the one to the other. */
  relay<Kind extends 'flood' | 'pace'>(kind: Kind, order: BusOrders[Kind]): Promise<readonly number[]>
  /** CPU so far, µs: of both, and of what stands between them (this process as their primary, or Redis). */
  usage(): Promise<BusUsage>
}

export interface BusUsage {
  readonly publisher: number
  readonly between: number
  readonly subscriber: number
}

/** The longest that an order may take, in ms. */
const deadlineMs = 120_000

/** With Redis, or with this process as the primary of both. */
export function openBusEnds(redis: BenchRedis | null, stopped: AbortSignal): BusEnds {
  const router = redis === null ? createBusRouter(pinoLogger({ level: 'silent', pretty: false })) : null
  const opened = new AsyncDisposableStack()
  const openEnd = () => {
    const child = fork(new URL('bus-member.ts', import.meta.url), redis === null ? [] : [redis.url])
    const kill = () => void child.kill('SIGKILL')
    stopped.addEventListener('abort', kill, { once: true })
    opened.defer(() => endProcess(child))
    opened.defer(() => stopped.removeEventListener('abort', kill))
    const peer = createPeer(processLink(child))
    router?.join(peer)
    return peer
  }
  const [publisher, subscriber] = [openEnd(), openEnd()]
  return {
    name: redis === null ? 'IPC' : 'Redis',
    async relay(kind, order) {
      const { promise: hears, resolve } = Promise.withResolvers<void>()
      const stop = subscriber.onNotice('bench.hears', () => resolve())
      const heard = ask(subscriber, 'hear', { messages: order.messages })
      await Promise.race([hears, heard])
      stop()
      await ask(publisher, kind, order)
      return (await heard) as readonly number[] // what it is answered with
    },
    async usage() {
      const { user, system } = process.cpuUsage()
      return {
        publisher: Number(await ask(publisher, 'cpu', null)),
        between: (await redis?.cpuUs()) ?? user + system,
        subscriber: Number(await ask(subscriber, 'cpu', null)),
      }
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

function ask<Kind extends keyof BusOrders>(peer: Peer, kind: Kind, order: BusOrders[Kind]): Promise<unknown> {
  return peer.request(`bench.${kind}`, order, { deadlineMs })
}
