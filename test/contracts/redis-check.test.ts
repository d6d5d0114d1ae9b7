import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRedis } from '../../src/adapters/redis/open-redis.ts'
import { redisBus } from '../../src/adapters/redis/redis-bus.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { openPrivateRedis, openPrivateSentinel, openTlsRedis, type PrivateRedis } from '../support/private-redis.ts'
import { freePort } from '../support/private-server.ts'

let server: PrivateRedis
beforeAll(async () => {
  server = await openPrivateRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

/** The sentence with which an address is refused; `null` when it is taken. */
async function refusal(url: string): Promise<string | null> {
  try {
    await using _ = await openRedis(url)
    return null
  } catch (error) {
    const isMeant = error instanceof Error && 'code' in error && error.code === 'REDIS_UNUSABLE'
    // The error of a command has its arguments, and so the password.
    if (isMeant && error.cause === undefined) return error.message
    throw error
  }
}

/** A server that answers each command with what the test says. */
async function openFakeServer(answer: (command: string) => string) {
  const sockets = new Set<Socket>()
  const fake = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (said) => {
      const [, ...commands] = said.toString('latin1').split(/^\*\d+\r$/m)
      for (const command of commands) socket.write(answer(command))
    })
  }).listen(0, '127.0.0.1')
  await once(fake, 'listening')
  return {
    // A TCP server has an address of this form once it listens.
    port: (fake.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => fake.close(resolve))
    },
  }
}

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`
/** What a Redis says that is as described. */
const info = (lines: Readonly<Record<string, string>>) => (command: string) =>
  command.toLowerCase().includes('info\r\n')
    ? bulk(
        Object.entries({ redis_version: '7.2.0', redis_mode: 'standalone', role: 'master', ...lines })
          .map((line) => line.join(':'))
          .join('\r\n'),
      )
    : '+OK\r\n'

describe('a Redis, when a server starts', () => {
  it('is taken as it comes from the package, with another database, a user and a password', async () => {
    expect(await refusal(server.url)).toBeNull()
    expect(await refusal(`${server.url}/5`)).toBeNull()
    const user = ['on', '>p@ss word', '~millrace:*', '&millrace:*', '-@all', '+@connection', '+@pubsub', '+@scripting']
    await server.command('acl', 'setuser', 'mill', ...user, '+@string', '+@read', '+del', '+expire', '+info')
    expect(await refusal(server.url.replace('//', '//mill:p%40ss%20word@'))).toBeNull()
  })

  it('is refused where nobody is', async () => {
    const port = await freePort()
    expect(await refusal(`redis://127.0.0.1:${port}`)).toBe(
      `Redis at 127.0.0.1:${port} cannot be reached (connect ECONNREFUSED 127.0.0.1:${port}). Start it, or set REDIS_URL to one that runs; if it speaks TLS, write rediss://.`,
    )
    expect(await refusal('redis://no-such-host.invalid')).toMatch(
      /^Redis at no-such-host.invalid:6379 cannot be reached/,
    )
  })

  it('is refused without its password, or with another one, which is not repeated', async () => {
    await using own = await openPrivateRedis({ requirepass: 'right' })
    expect(await refusal(own.url)).toBeNull()
    const place = `Redis at 127.0.0.1:${own.port} does not let Millrace in`
    expect(await refusal(`redis://127.0.0.1:${own.port}`)).toMatch(`${place} (NOAUTH`)
    const message = await refusal(`redis://:hunter2@127.0.0.1:${own.port}`)
    expect(message).toMatch(`${place} (WRONGPASS`)
    expect(message).not.toContain('hunter2')
  })

  it('is refused to a user who may not do what is needed', async () => {
    await server.command('acl', 'setuser', 'reader', 'on', '>secret', '~*', '&other:*', '+@all')
    expect(await refusal(server.url.replace('//', '//reader:secret@'))).toMatch(/REDIS_URL do what is needed \(NOPERM/)
    await server.command('acl', 'setuser', 'narrow', 'on', '>secret', '~other:*', '&*', '+@all')
    expect(await refusal(server.url.replace('//', '//narrow:secret@'))).toMatch(/REDIS_URL do what is needed/)
  })

  it('is refused with a database that it does not have', async () => {
    expect(await refusal(`${server.url}/99`)).toBe(
      `Redis at 127.0.0.1:${server.port} has no database of that number. Take it out of REDIS_URL.`,
    )
  })

  it('is refused where it is a replica, or a Sentinel', async () => {
    await using replica = await openPrivateRedis({ replicaof: `127.0.0.1 ${server.port}` })
    expect(await refusal(replica.url)).toMatch(/is a replica\. Set REDIS_URL to its master/)
    await using sentinel = await openPrivateSentinel(server.port)
    expect(await refusal(sentinel.url)).toMatch(/is a Sentinel\. Write REDIS_URL as redis\+sentinel:/)
    expect(await refusal(`redis+sentinel://127.0.0.1:${sentinel.port}/main`)).toBeNull()
    expect(await refusal(`redis+sentinel://127.0.0.1:${sentinel.port}/another`)).toMatch(
      /^Redis is not to be found: another of the Sentinels 127\.0\.0\.1:\d+ \(.*\)\. Set REDIS_URL to Sentinels/,
    )
    expect(await refusal(`redis+sentinel://127.0.0.1:${await freePort()}/main`)).toMatch(
      /^Redis is not to be found: main/,
    )
  })

  it.each(['6.0.16', '5.0.7', '2.8.24'])('of version %s is refused', async (redis_version) => {
    await using fake = await openFakeServer(info({ redis_version }))
    expect(await refusal(`redis://127.0.0.1:${fake.port}`)).toBe(
      `Redis at 127.0.0.1:${fake.port} has version ${redis_version}. Upgrade it to 6.2 or later, or set REDIS_URL to another one or to a Valkey.`,
    )
  })

  it.each(['6.2.0', '7.2.4', '8.0.1', '10.0.0'])('of version %s is taken', async (redis_version) => {
    await using fake = await openFakeServer(info({ redis_version }))
    expect(await refusal(`redis://127.0.0.1:${fake.port}`)).toBeNull()
  })

  it('is refused where it is part of a Redis Cluster', async () => {
    await using fake = await openFakeServer(info({ redis_mode: 'cluster' }))
    expect(await refusal(`redis://127.0.0.1:${fake.port}`)).toMatch(/part of a Redis Cluster, which is not supported/)
  })

  it.each([
    ['a web server', () => 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'],
    ['something that understands nothing', () => '-ERR what\r\n'],
    ['something without a version', () => bulk('nothing')],
  ])('is not mixed up with %s', async (_what, answer) => {
    await using fake = await openFakeServer(answer)
    expect(await refusal(`redis://127.0.0.1:${fake.port}`)).toMatch(/^What answers at 127\.0\.0\.1:\d+ is no Redis/)
  })

  it('is refused where one side speaks TLS and the other does not', async () => {
    expect(await refusal(server.url.replace('redis:', 'rediss:'))).toMatch(/if it speaks no TLS, write redis:/)
    await using secure = await openTlsRedis()
    expect(await refusal(secure.url.replace('rediss:', 'redis:'))).toMatch(/cannot be reached .* write rediss:/)
  })

  it('does not get its password repeated by a server that repeats what it does not understand', async () => {
    await using fake = await openFakeServer(
      (command) => `-ERR unknown command, with args beginning with: ${command.replaceAll(/\s+/g, ' ')}\r\n`,
    )
    const url = `redis://me:hunter2@127.0.0.1:${fake.port}`
    expect(await refusal(url)).toMatch(/\*\*\*/)
    expect(await refusal(url)).not.toContain('hunter2')
    const logger = collectingLogger()
    await using redis = await openRedis(url, { mayBeAway: true })
    await using _bus = await redisBus({ redis, installation: 'store', secret: 'of the test', logger })
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { problem: /unknown command/ } }])
    expect(JSON.stringify(logger.lines)).not.toContain('hunter2')
  })
})
