import type { RedisOptions } from 'ioredis'
import { backoffMs } from '../../core/backoff.ts'
import type { RedisAddress } from './redis-url.ts'

/** What a client is made with. The mapping of replies is a parameter of the type of the client. */
export type ClientOptions = Omit<RedisOptions, 'replyMapping'>

/** How long a connection, and the answer to a command, may take in ms. */
const answerMs = 3000
/** The least and the most ms between two tries to connect. */
const leastRetryMs = 50
const retry = { baseMs: 100, capMs: 2000 }

/** Some ms before the next try to connect, counted from 1. */
export function retryMs(attempt: number): number {
  return Math.max(leastRetryMs, backoffMs(attempt, retry))
}

/**
 * What both connections have in common. Nothing waits for a connection: a command without one fails at once, one that is
 * under way fails with it. RESP2: with RESP3 a password that the server does not want leaves the client believing that both
 * had agreed on RESP3, and it hears no message then (ioredis 6.0.0, `getHandshakeCommands`).
 */
export function clientOptions(address: RedisAddress, ca?: string): ClientOptions {
  const { isSecure, user, password, db, endpoints, sentinel } = address
  const tls = ca === undefined ? {} : { ca }
  return {
    ...(user === null ? {} : { username: user }),
    ...(password === null ? {} : { password }),
    db,
    ...(sentinel === null ? endpoints[0] : bySentinel(endpoints, sentinel)),
    ...(isSecure ? { tls, ...(sentinel === null ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }) } : {}),
    protocol: 2,
    lazyConnect: true,
    connectionName: 'millrace',
    connectTimeout: answerMs,
    commandTimeout: answerMs,
    // An orderly end waits for the other side, which may be frozen.
    disconnectTimeout: 200,
    keepAlive: 10_000,
    retryStrategy: retryMs,
    maxLoadingRetryTime: 1000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // The bus does it and waits for each acknowledgement.
    autoResubscribe: false,
  }
}

function bySentinel(
  sentinels: RedisAddress['endpoints'],
  { name, user, password }: NonNullable<RedisAddress['sentinel']>,
): ClientOptions {
  return {
    sentinels: [...sentinels],
    name,
    ...(user === null ? {} : { sentinelUsername: user }),
    ...(password === null ? {} : { sentinelPassword: password }),
    sentinelCommandTimeout: answerMs,
    // Without a number the client would give up for good.
    sentinelRetryStrategy: retryMs,
  }
}
