import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisBehindNetwork } from './deployments.ts'
import type { Nemesis, Target } from './nemesis.ts'

/** Those that strike at Redis and at the network to it. */
export const redisNemeses = {
  killRedis: {
    does: 'kills Redis (SIGKILL) and starts it again, empty, a while later',
    async strike(target) {
      const { server } = redisOf(target)
      await server.kill()
      await sleep(target.random.upTo(4000))
      await server.restart()
    },
  },
  flushRedis: {
    does: 'empties Redis, and now and then cuts off those who listen to it',
    async strike(target) {
      const { server } = redisOf(target)
      await server.command('flushall')
      if (target.random.chance(0.5)) await server.command('client', 'kill', 'type', 'pubsub')
    },
  },
  freezeRedis: {
    does: 'stops Redis (SIGSTOP) and lets it go on',
    async strike(target) {
      const { server } = redisOf(target)
      server.freeze()
      await sleep(500 + target.random.upTo(7500))
      server.thaw()
    },
  },
  cutRedis: {
    does: 'breaks off all connections to Redis, and refuses new ones or lets them hang for a while',
    async strike(target) {
      const { network } = redisOf(target)
      if (target.random.chance(0.5)) network.refuse()
      else {
        network.stall()
        if (target.random.chance(0.5)) network.cut()
      }
      await sleep(target.random.upTo(5000))
      network.resume()
    },
  },
  delayRedis: {
    does: 'delays all that goes to Redis and comes from it',
    async strike(target) {
      const { network } = redisOf(target)
      network.delay(20 + target.random.upTo(600))
      await sleep(2000 + target.random.upTo(3000))
      network.delay(0)
    },
  },
} as const satisfies Record<string, Nemesis>

/** Throws where the mill has none. */
function redisOf({ redis }: Target): RedisBehindNetwork {
  if (redis === null) throw new TypeError('This nemesis needs a deployment with Redis.')
  return redis
}
