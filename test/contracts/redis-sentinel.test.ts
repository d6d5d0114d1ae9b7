import { describe, expect, it } from 'vitest'
import { openRedis } from '../../src/adapters/redis/open-redis.ts'
import { redisBus } from '../../src/adapters/redis/redis-bus.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { eventually } from '../support/eventually.ts'
import { openPrivateRedis, openPrivateSentinel } from '../support/private-redis.ts'
import { changesOf, heardBy } from './fixtures/heard-by.ts'

const secret = 'the root secret of the test'

describe('a bus over a Redis that Sentinels watch', () => {
  it('goes on over the replica when the master dies', async () => {
    await using master = await openPrivateRedis({ 'repl-diskless-sync-delay': '0' })
    await using replica = await openPrivateRedis({ replicaof: `127.0.0.1 ${master.port}` })
    await eventually(async () => String(await replica.command('info', 'replication')).includes('master_link_status:up'))
    await using sentinel = await openPrivateSentinel(master.port)
    await eventually(async () => String(await sentinel.command('info', 'sentinel')).includes('slaves=1'), 15_000)
    const url = `redis+sentinel://127.0.0.1:${sentinel.port}/main`
    await using one = await openRedis(url)
    await using two = await openRedis(url)
    const logger = collectingLogger()
    await using bus = await redisBus({ redis: one, installation: 'store', secret, logger })
    await using other = await redisBus({ redis: two, installation: 'store', secret, logger })
    const [heard, changes] = [await heardBy(other, 'c'), changesOf(other)]
    bus.publish('c', 'over the master')
    await eventually(() => heard.length === 1)
    await master.kill()
    await eventually(() => !bus.isLive && !other.isLive)
    await eventually(() => bus.isLive && other.isLive, 20_000)
    bus.publish('c', 'over the replica')
    await eventually(() => heard.length === 2)
    expect(heard).toEqual(['over the master', 'over the replica'])
    expect(changes).toEqual([false, true])
    expect(await replica.command('pubsub', 'channels', 'millrace:store:bus:c')).toEqual(['millrace:store:bus:c'])
  }, 60_000)
})
