import { describe, expect, it } from 'vitest'
import { createProver, writeEnvelope } from '../../src/adapters/redis/envelope.ts'
import { openRedis } from '../../src/adapters/redis/open-redis.ts'
import { redisBus } from '../../src/adapters/redis/redis-bus.ts'
import { deriveKey } from '../../src/core/secrets.ts'
import type { Bus } from '../../src/ports/bus.ts'
import type { Logger } from '../../src/ports/logger.ts'
import { type CollectingLogger, collectingLogger } from '../support/collecting-logger.ts'
import { type CuttableProxy, openCuttableProxy } from '../support/cuttable-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { openPrivateRedis, openTlsRedis, type PrivateRedis, type RedisServerOptions } from '../support/private-redis.ts'
import { changesOf, heardBy } from './fixtures/heard-by.ts'

const secret = 'the root secret of the test'

interface Bench extends AsyncDisposable {
  readonly server: PrivateRedis
  /** The network of `bus`; that of `other` is never cut. */
  readonly network: CuttableProxy
  readonly bus: Bus
  readonly other: Bus
  /** That of `bus`. */
  readonly logger: CollectingLogger
  /** One more process. */
  open(installation: string): Promise<Bus>
}

async function openBench(options: RedisServerOptions = {}): Promise<Bench> {
  await using opened = new AsyncDisposableStack()
  const server = opened.use(await openPrivateRedis(options))
  const network = opened.use(await openCuttableProxy(server.port))
  const logger = collectingLogger()
  const open = async (installation: string, url = server.url, own: Logger = collectingLogger()) => {
    const redis = all.use(await openRedis(url))
    return all.use(await redisBus({ redis, installation, secret, logger: own }))
  }
  const all = opened.move()
  const bus = await open('store', server.url.replace(`${server.port}`, `${network.port}`), logger)
  const other = await open('store')
  return { server, network, bus, other, logger, open, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** Waits until both hear each other, whatever was lost before. */
async function talkAgain({ bus, other }: Bench): Promise<void> {
  await eventually(() => bus.isLive && other.isLive, 12_000)
}

describe('a bus over Redis', () => {
  it('is heard by nobody who belongs to another installation', async () => {
    await using bench = await openBench()
    const stranger = await bench.open('another')
    const heard = await heardBy(stranger, 'c')
    const own = await heardBy(bench.other, 'c')
    bench.bus.publish('c', 'to ourselves')
    stranger.publish('c', 'to themselves')
    await eventually(() => own.length > 0 && heard.length > 0)
    bench.bus.publish('c', 'again')
    await eventually(() => own.length > 1)
    expect([own, heard]).toEqual([['to ourselves', 'again'], ['to themselves']])
  })

  it('keeps the order of thousands of messages of many turns and sizes, and brings each once', async () => {
    await using bench = await openBench()
    const heard = await heardBy(bench.other, 'c')
    const own = await heardBy(bench.bus, 'c')
    const sent = Array.from({ length: 3000 }, (_, n) => [n, 'x'.repeat((n * 7919) % 2000)])
    for (const [index, message] of sent.entries()) {
      bench.bus.publish('c', message)
      if (index % 100 === 0) await new Promise(setImmediate)
    }
    await eventually(() => heard.length >= sent.length && own.length >= sent.length)
    expect(heard).toEqual(sent)
    expect(own).toEqual(sent)
  })

  it('says that messages were lost when one is too long to travel, to all but who has heard it', async () => {
    await using bench = await openBench()
    const heard = await heardBy(bench.other, 'c')
    const own = await heardBy(bench.bus, 'c')
    const [changes, ownChanges] = [changesOf(bench.other), changesOf(bench.bus)]
    bench.bus.publish('c', 'x'.repeat(1024 * 1024))
    bench.bus.publish('c', 'short')
    await eventually(() => changes.length > 0)
    expect([heard, own.length, changes, ownChanges]).toEqual([['short'], 2, [true], []])
  })

  it('passes over what is said without the secret of the installation, and tells of it once', async () => {
    await using bench = await openBench()
    const [heard, changes] = [await heardBy(bench.bus, 'c'), changesOf(bench.bus)]
    const name = (channel: string) => `millrace:store:${channel}`
    const say = (channel: string, text: string) => bench.server.command('publish', name(channel), text)
    const genuine = writeEnvelope(prover(secret), name('bus:c'), 'somebody', ['"once"'])
    const forged = [
      '',
      'nothing',
      'x'.repeat(22),
      `${'x'.repeat(22)}\n`,
      'somebody\n"without"',
      `${'A'.repeat(22)}\nsomebody\n"guessed"`,
      writeEnvelope(prover('another secret of the test'), name('bus:c'), 'somebody', ['"their own"']),
      writeEnvelope(prover(secret), name('bus:d'), 'somebody', ['"of another channel"']),
      genuine.replace('once', 'changed'),
      genuine.replace('somebody', 'somebody else'),
    ]
    for (const text of forged) await say('bus:c', text)
    // What the buses say among themselves is no easier to forge.
    await say('losses', 'somebody\n')
    await say('bus:c', genuine)
    bench.other.publish('c', 'last')
    await eventually(() => heard.includes('last'))
    expect([heard, changes]).toEqual([['once', 'last'], []])
    expect(bench.logger.lines).toMatchObject([
      { level: 'warn', fields: { count: 1 }, message: expect.stringContaining('nobody with the secret') },
    ])
  })

  it('passes over what is no JSON, tells of it once, and goes on', async () => {
    await using bench = await openBench()
    const heard = await heardBy(bench.bus, 'c')
    for (const texts of [['{broken'], ['1', '{broken', '2']]) {
      const envelope = writeEnvelope(prover(secret), 'millrace:store:bus:c', 'somebody', texts)
      await bench.server.command('publish', 'millrace:store:bus:c', envelope)
    }
    bench.other.publish('c', 3)
    await eventually(() => heard.includes(3))
    expect(heard).toEqual([1, 2, 3])
    expect(bench.logger.lines.map(({ message }) => message)).toEqual(['Redis brought messages that are no JSON.'])
  })

  it('has all hear of a change when one who hears of it throws', async () => {
    await using bench = await openBench()
    bench.other.onChange(() => {
      throw new Error('Not now.')
    })
    const changes = changesOf(bench.other)
    // Of which it is told that they were lost.
    bench.bus.publish('c', 'x'.repeat(1024 * 1024))
    await eventually(() => changes.length > 0)
    await dropClients(bench.server)
    await talkAgain(bench)
    await eventually(() => changes.length >= 3)
    expect(changes.slice(0, 3)).toEqual([true, false, true])
  })

  it('leaves no subscription behind in Redis when nobody listens any more', async () => {
    await using bench = await openBench()
    const channels = () => bench.server.command('pubsub', 'channels', 'millrace:store:bus:*')
    const stops = await Promise.all(['a', 'b', 'a'].map((channel) => bench.bus.subscribe(channel, () => undefined)))
    expect(await channels()).toHaveLength(2)
    for (const stop of stops) stop()
    await eventually(async () => JSON.stringify(await channels()) === '[]')
    const racing = bench.bus.subscribe('c', () => undefined)
    const stop = await bench.bus.subscribe('c', () => undefined)
    stop()
    ;(await racing)()
    await eventually(async () => JSON.stringify(await channels()) === '[]')
    const changes = changesOf(bench.bus)
    await dropClients(bench.server)
    await eventually(() => changes.includes(true))
    expect(await channels()).toEqual([])
  })
})

describe('a bus whose Redis goes away', () => {
  it.each([
    ['is killed', ({ server }: Bench) => server.kill(), ({ server }: Bench) => server.restart()],
    ['is frozen', async ({ server }: Bench) => server.freeze(), async ({ server }: Bench) => server.thaw()],
    ['drops all clients', ({ server }: Bench) => dropClients(server), async () => undefined],
  ])('says so once when it %s, and heals', async (_what, hurt, heal) => {
    await using bench = await openBench()
    const [heard, changes] = [await heardBy(bench.other, 'c'), changesOf(bench.bus)]
    await hurt(bench)
    await eventually(() => changes.includes(false))
    await heal(bench)
    await talkAgain(bench)
    bench.bus.publish('c', 1)
    await eventually(() => heard.length > 0)
    expect(heard).toEqual([1])
    expect(changes.filter((isLive) => !isLive)).toEqual([false])
    expect(bench.logger.lines.map(({ message }) => message)).toEqual([
      expect.stringContaining('Redis does not answer'),
      'Redis answers again.',
    ])
  })

  it('does not notice that everything in it is deleted', async () => {
    await using bench = await openBench()
    const [heard, changes] = [await heardBy(bench.other, 'c'), changesOf(bench.other)]
    await bench.server.command('flushall')
    bench.bus.publish('c', 1)
    await eventually(() => heard.length > 0)
    expect(changes).toEqual([])
  })

  it('notices a connection that is only half there, with the messages that it brings nowhere', async () => {
    await using bench = await openBench()
    const changes = changesOf(bench.bus)
    bench.network.stall()
    await eventually(() => !bench.bus.isLive, 6000)
    bench.network.resume()
    await talkAgain(bench)
    expect(changes).toEqual([false, true])
  })

  it('tells the others that it could not say something meanwhile, when it is back', async () => {
    await using bench = await openBench()
    const [heard, changes] = [await heardBy(bench.other, 'c'), changesOf(bench.other)]
    bench.network.stall()
    bench.network.cut()
    await eventually(() => !bench.bus.isLive)
    bench.bus.publish('c', 'lost')
    await new Promise(setImmediate)
    expect(changes).toEqual([])
    bench.network.resume()
    await eventually(() => changes.length > 0, 12_000)
    bench.bus.publish('c', 'heard')
    await eventually(() => heard.length > 0)
    expect([heard, changes]).toEqual([['heard'], [true]])
  })

  it('opens without it, and hears everything once it is there', async () => {
    await using server = await openPrivateRedis()
    await server.kill()
    const logger = collectingLogger()
    await using redis = await openRedis(server.url, { mayBeAway: true })
    await using bus = await redisBus({ redis, installation: 'store', secret, logger })
    expect(bus.isLive).toBe(false)
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { problem: /ECONNREFUSED/ } }])
    const heard = await heardBy(bus, 'c')
    await server.restart()
    await eventually(() => bus.isLive, 12_000)
    await using late = await openRedis(server.url)
    await using other = await redisBus({ redis: late, installation: 'store', secret, logger })
    other.publish('c', 1)
    await eventually(() => heard.length > 0)
    expect(logger.lines.at(-1)?.message).toBe('Redis answers again.')
  })

  it('does not wait for who has gone in an orderly way', async () => {
    await using bench = await openBench()
    const third = await bench.open('store')
    const changes = changesOf(bench.bus)
    const pulses: unknown[] = []
    await using listener = await openRedis(bench.server.url)
    await eventually(() => listener.subscriptions.isUp)
    listener.subscriptions.client.on('message', (_channel, text) => pulses.push(text))
    await listener.subscriptions.client.subscribe('millrace:store:pulses')
    await eventually(() => pulses.length >= 3)
    await third[Symbol.asyncDispose]()
    const before = pulses.length
    await eventually(() => pulses.length > before + 10, 8000)
    expect(changes).toEqual([])
  })

  it('can be closed meanwhile', async () => {
    const bench = await openBench()
    bench.server.freeze()
    bench.bus.publish('c', 1)
    const subscribing = bench.bus.subscribe('c', () => undefined)
    await bench[Symbol.asyncDispose]()
    ;(await subscribing)()
    await expect(bench.bus.subscribe('c', () => undefined)).rejects.toThrow('The bus is closed.')
  })
})

describe('a Redis that speaks TLS and asks for a password', () => {
  it('carries a bus, for who trusts its certificate', async () => {
    await using server = await openTlsRedis()
    await server.command('config', 'set', 'requirepass', 'hunter2')
    const logger = collectingLogger()
    const url = server.url.replace('//', '//:hunter2@')
    await expect(openRedis(url)).rejects.toMatchObject({
      code: 'REDIS_UNUSABLE',
      message: expect.stringMatching(/^No TLS connection .*NODE_EXTRA_CA_CERTS/),
    })
    await using one = await openRedis(url, { ca: server.cert })
    await using two = await openRedis(url, { ca: server.cert })
    await using bus = await redisBus({ redis: one, installation: 'store', secret, logger })
    await using other = await redisBus({ redis: two, installation: 'store', secret, logger })
    const heard = await heardBy(other, 'c')
    bus.publish('c', 1)
    await eventually(() => heard.length > 0)
    expect(bus.isLive).toBe(true)
  })
})

const prover = (rootSecret: string) => createProver(deriveKey(rootSecret, 'redis messages, 1'))

async function dropClients(server: PrivateRedis): Promise<void> {
  await server.command('client', 'kill', 'type', 'pubsub')
  await server.command('client', 'kill', 'type', 'normal')
}
