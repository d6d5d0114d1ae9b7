import { Redis } from 'ioredis'
import { clientOptions } from './client-options.ts'
import { explainFailure } from './explain-failure.ts'
import { placeOf } from './problem.ts'
import { RedisError } from './redis-error.ts'
import type { RedisAddress } from './redis-url.ts'

/** How long the whole look may take, in ms. */
const withinMs = 10_000

/**
 * Looks whether there is a Redis that can be used: reachable, with these credentials, a master, not part of a Redis Cluster,
 * 6.2 or later, and willing to do what the bus and the limiters ask of it. Throws a `RedisError` that says what to do.
 */
export async function checkRedis(address: RedisAddress, ca?: string): Promise<void> {
  const options = { ...clientOptions(address, ca), retryStrategy: () => null, sentinelRetryStrategy: () => null }
  const client = new Redis(options)
  // The promise of `connect` only knows that the connection is closed; why is told here.
  const reasons: unknown[] = []
  client.on('error', (error: unknown) => reasons.push(error))
  client.on('sentinelError', (error: unknown) => reasons.push(error))
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('It does not answer in time.')), withinMs)
  try {
    await Promise.race([look(client, address), late.promise])
  } catch (error) {
    if (error instanceof RedisError) throw error
    throw new RedisError(explainFailure(reasons[0] ?? error, address))
  } finally {
    clearTimeout(timer)
    client.disconnect()
  }
}

async function look(client: Redis, address: RedisAddress): Promise<void> {
  await client.connect()
  const refusal = refusalOf(readInfo(await client.info()), placeOf(address))
  if (refusal !== null) throw new RedisError(refusal)
  // That of the connection is not waited for.
  await client.select(address.db)
  const name = 'millrace:check'
  await client.publish(name, '')
  await client.eval("return redis.call('pttl', KEYS[1])", 1, name)
  await client.subscribe(name)
}

function readInfo(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\r\n').map((line) => line.split(':'))
  return new Map(lines.map(([name = '', ...value]) => [name, value.join(':')]))
}

function refusalOf(info: ReadonlyMap<string, string>, place: string): string | null {
  const version = info.get('redis_version') ?? ''
  const [major, minor] = version.split('.').map(Number)
  if (!major || minor === undefined)
    return `What answers at ${place} is no Redis. Set REDIS_URL to one, 6.2 or later, or to a Valkey.`
  if (info.get('redis_mode') === 'sentinel')
    return `What answers at ${place} is a Sentinel. Write REDIS_URL as redis+sentinel://host:26379/name-of-the-master.`
  if (major < 6 || (major === 6 && minor < 2))
    return `Redis at ${place} has version ${version}. Upgrade it to 6.2 or later, or set REDIS_URL to another one or to a Valkey.`
  if (info.get('redis_mode') === 'cluster')
    return `Redis at ${place} is part of a Redis Cluster, which is not supported. Set REDIS_URL to a single Redis or to Sentinels.`
  if (info.get('role') === 'slave')
    return `Redis at ${place} is a replica. Set REDIS_URL to its master, or to their Sentinels.`
  return null
}
