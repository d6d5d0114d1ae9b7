import { inject } from 'vitest'
import { type App, type AppOptions, createApp } from '../../src/app.ts'
import { openRecords } from '../../src/compose/open-records.ts'
import type { ServingMember } from '../../src/cluster/shared/members-desk.ts'
import type { Config } from '../../src/config.ts'
import { newId } from '../../src/core/ids.ts'
import type { Bus } from '../../src/ports/bus.ts'
import { noMeter } from '../../src/ports/meter.ts'
import { openPrimaryDesks } from '../../src/run/primary-desks.ts'
import { openPrimaryStatus } from '../../src/run/primary-status.ts'
import { createSetupToken } from '../../src/services/accounts/entry/setup-token.ts'
import { among, type Place } from '../../src/compose/surroundings.ts'
import { openClusterLine } from './cluster-lines.ts'
import { openRoundRobin } from './round-robin.ts'

/** How this run deploys servers: `alone`, `cluster` or `redis`, which is a cluster over a Redis. vitest.config.ts says so. */
const deployment = process.env['MILLRACE_TEST_DEPLOYMENT'] ?? 'alone'

/** How many members a cluster of the tests has. */
const members = 2

/** That a machine has much to do while tests run is no reason to refuse what they ask for. */
const noPressure = { value: 0, reason: null, over: [] } as const

/** The numbers of the processes of a server of this run: 0 is the primary. */
export const processNumbers: readonly number[] =
  deployment === 'alone' ? [1] : Array.from({ length: members + 1 }, (_, number) => number)

/**
 * A server as this run deploys them: one app, or the members of a cluster in this process, whose lines and desks are those of
 * real ones. Then connections and operations go to the members in turn; `services` and `schema` are those of the first.
 */
export async function createTestApp(config: Config, given: AppOptions): Promise<App> {
  const options = { pressure: noPressure, ...given }
  if (deployment === 'alone') return createApp(config, options)
  await using opened = new AsyncDisposableStack()
  const redisUrl = deployment === 'redis' ? inject('redisUrl') : null
  const cluster = await openMembers({ ...config, redisUrl }, options, opened)
  const resources = opened.move()
  return { ...cluster, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

async function openMembers(config: Config, options: AppOptions, opened: AsyncDisposableStack): Promise<App> {
  const { store } = await openRecords(config, opened, { exclusive: true })
  const setupToken = await createSetupToken(store).setupToken()
  const serving: ServingMember[] = []
  const desks = openPrimaryDesks({ logger: options.logger, serving: () => serving })
  const figures = { ...noMeter, addSource: () => () => {} }
  const alarms = { set: () => {}, raised: [] }
  const { bus, answer } = desks
  const { logger } = options
  const primary = opened.use(openPrimaryStatus(config, { figures, alarms, bus, busKind: 'ipc', logger }))
  answer('status', primary.read)
  const front = opened.use(await openRoundRobin())
  const own = { ...config, publicUrl: config.publicUrl ?? `http://localhost:${front.port}`, port: 0 }
  const buses: Bus[] = []
  const apps: App[] = []
  for (let number = 1; number <= members; number += 1) {
    const { toPrimary: peer, toMember, line } = opened.use(openClusterLine())
    desks.join(toMember)
    serving.push({ number, peer: toMember })
    const place = among({ nodeId: newId('node'), number, installation: store.id, peer, line }, config)
    const surround: Place['surround'] = async (parts) => {
      const surroundings = await place.surround(parts)
      buses.push(surroundings.bus)
      return surroundings
    }
    apps.push(opened.use(await createApp(own, { ...options, place: { ...place, surround } })))
  }
  const [first] = apps
  if (first === undefined) throw new Error('A cluster has members.')
  const heard = await openBarrier(buses)
  let turn = 0
  return {
    ...first,
    setupToken,
    url: first.url,
    async run(...operation) {
      turn += 1
      const index = turn % apps.length
      const answer = await (apps[index] ?? first).run(...operation)
      await heard(index)
      return answer
    },
    async listen() {
      for (const app of apps) front.add(await app.listen())
      return front.port
    },
    async close(drainMs) {
      await Promise.all(apps.map((app) => app.close(drainMs)))
    },
  }
}

/**
 * Waits until what one end of the bus has said so far was heard at the others. An answer without a port comes sooner than
 * anything between processes; one over a network does not.
 */
async function openBarrier(buses: readonly Bus[]): Promise<(from: number) => Promise<void>> {
  const channel = 'test-barrier'
  const waiting = new Map<number, () => void>()
  const ends = buses.map((bus) => bus.subscribe(channel, (number) => waiting.get(Number(number))?.()))
  await Promise.all(ends)
  let last = 0

  return async (from) => {
    last += 1
    const number = last
    const { promise, resolve } = Promise.withResolvers<void>()
    let missing = buses.length
    waiting.set(number, () => {
      missing -= 1
      if (missing === 0) resolve()
    })
    buses[from]?.publish(channel, number)
    await promise
    waiting.delete(number)
  }
}
