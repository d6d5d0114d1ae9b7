import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { pinoLogger } from '../../src/adapters/logging/pino-logger.ts'
import { openRedis } from '../../src/adapters/redis/open-redis.ts'
import { redisBus } from '../../src/adapters/redis/redis-bus.ts'
import { createPeer } from '../../src/cluster/create-peer.ts'
import { createIpcBus } from '../../src/cluster/ipc-bus.ts'
import type { Peer } from '../../src/cluster/peer.ts'
import { processLink } from '../../src/cluster/process-link.ts'
import type { Bus } from '../../src/ports/bus.ts'
import { eventText, nowUs } from '../fanout/system.ts'
import type { BusOrders } from './bus-messages.ts'

/** One end of a bus in a process of its own, which ends with the one that started it. Argument: the address of Redis, if that carries it. */

process.on('disconnect', () => process.exit())
// An interrupt of the terminal comes here, too: who started it ends it.
process.on('SIGINT', () => undefined)

const channel = 'bench'
/** So that a message has about 200 bytes. */
const size = 160

const [, , redisUrl] = process.argv
const logger = pinoLogger({ level: 'silent', pretty: false })
const redis = redisUrl === undefined ? null : await openRedis(redisUrl)
const distant = redis === null ? null : await redisBus({ redis, installation: 'bench', secret: 'of the bench', logger })
const peer = createPeer(processLink(process))
answerOrders(peer, distant ?? createIpcBus({ peer, line: { isLive: true, onChange: () => () => undefined }, logger }))

function answerOrders(line: Peer, bus: Bus): void {
  const publish = () => bus.publish(channel, { at: nowUs(), text: eventText(size) })

  const orders: { readonly [Name in keyof BusOrders]: (order: BusOrders[Name]) => Promise<unknown> } = {
    async flood({ messages, perTurn }) {
      for (let message = 0; message < messages; message += perTurn) {
        for (let place = 0; place < perTurn; place += 1) publish()
        await nextTurn()
      }
      return null
    },
    async pace({ messages, perSecond }) {
      const started = performance.now()
      for (let message = 0; message < messages; message += 1) {
        const ms = started + (message * 1000) / perSecond - performance.now()
        if (ms > 0) await sleep(ms)
        publish()
      }
      return null
    },
    hear: ({ messages }) => hear(bus, messages),
    async cpu() {
      const { user, system } = process.cpuUsage()
      return user + system
    },
  }
  for (const [name, answer] of Object.entries(orders)) {
    line.answer(`bench.${name}`, (order) => answer(order as never)) // what `openBusMember` sends under that name
  }
}

async function hear(bus: Bus, messages: number): Promise<readonly number[]> {
  const delays: number[] = []
  const { promise: all, resolve } = Promise.withResolvers<void>()
  const stop = await bus.subscribe(channel, (message) => {
    const { at } = message as { readonly at: number } // as `publish` sends it
    delays.push(nowUs() - at)
    if (delays.length === messages) resolve()
  })
  // Who is to publish may begin.
  peer.notify('bench.hears', null)
  await all
  stop()
  return delays
}
