import { checkRedis } from './check-redis.ts'
import { clientOptions } from './client-options.ts'
import { problemOf } from './problem.ts'
import { RedisError } from './redis-error.ts'
import { openLine, type RedisLine } from './redis-line.ts'
import { parseRedisUrl } from './redis-url.ts'

export interface RedisOptions {
  /** Whether it may be away now and come later: for who takes the place of a process that had found it in order. */
  readonly mayBeAway?: boolean
  /** A certificate to trust, PEM, instead of those that Node trusts. */
  readonly ca?: string
}

/** The connections of this process to its Redis. They come back by themselves. */
export interface OpenedRedis extends AsyncDisposable {
  /** One for what is said and asked, and one for what is heard: a subscribed connection takes no other commands. */
  readonly commands: RedisLine
  readonly subscriptions: RedisLine
  /** Why it is away, as far as is known, in a line for the log; `null` where nothing is known. */
  problem(): string | null
}

/**
 * Opens the Redis of the address (see `parseRedisUrl`). Throws a `RedisError` when it cannot be used; with `mayBeAway` only
 * for an address that is none.
 */
export async function openRedis(url: string, options: RedisOptions = {}): Promise<OpenedRedis> {
  const address = parseRedisUrl(url)
  if (address === null) throw new RedisError('REDIS_URL is no address of a Redis, such as redis://host:6379.')
  if (options.mayBeAway !== true) await checkRedis(address, options.ca)
  const [commands, subscriptions] = [
    openLine(clientOptions(address, options.ca)),
    openLine(clientOptions(address, options.ca)),
  ]
  return {
    commands,
    subscriptions,
    problem() {
      const error = commands.lastError ?? subscriptions.lastError
      return error === null ? null : problemOf(error, address)
    },
    async [Symbol.asyncDispose]() {
      commands.close()
      subscriptions.close()
    },
  }
}
