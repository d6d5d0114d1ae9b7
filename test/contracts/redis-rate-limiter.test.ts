import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../src/adapters/local/memory-rate-limiter.ts'
import { type OpenedRedis, openRedis } from '../../src/adapters/redis/open-redis.ts'
import { redisOpenRateLimiter } from '../../src/adapters/redis/redis-rate-limiter.ts'
import { sha256 } from '../../src/core/secrets.ts'
import type { OpenRateLimiter, RateLimiter } from '../../src/ports/rate-limiter.ts'
import { eventually } from '../support/eventually.ts'
import { openPrivateRedis, type PrivateRedis } from '../support/private-redis.ts'

interface Bench extends AsyncDisposable {
  readonly server: PrivateRedis
  readonly redis: OpenedRedis
  /** The limiters of one more process of the installation. */
  open(installation?: string): Promise<OpenRateLimiter>
}

async function openBench(): Promise<Bench> {
  await using opened = new AsyncDisposableStack()
  const server = opened.use(await openPrivateRedis())
  const redis = opened.use(await openRedis(server.url))
  const all = opened.move()
  return {
    server,
    redis,
    async open(installation = 'store') {
      const own = all.use(await openRedis(server.url))
      await eventually(() => own.commands.isUp && redis.commands.isUp)
      const fallback: OpenRateLimiter = (_name, limit) => memoryRateLimiter(limit)
      return redisOpenRateLimiter({ redis: own, installation, secret, fallback })
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

const secret = 'the root secret of the test'
const minute = { attempts: 3, seconds: 60 }
const refused = { code: 'RATE_LIMITED' }

async function letThrough(limiters: readonly RateLimiter[], each: number): Promise<number> {
  const attempts = limiters.flatMap((limiter) => Array.from({ length: each }, () => limiter.consume('key')))
  return (await Promise.allSettled(attempts)).filter(({ status }) => status === 'fulfilled').length
}

describe('a rate limiter over Redis', () => {
  it('counts for all processes of an installation together, by name and key, and for no other', async () => {
    await using bench = await openBench()
    const [one, two, stranger] = [await bench.open(), await bench.open(), await bench.open('another')]
    await one('name', minute).consume('key', 2)
    await two('name', minute).consume('key')
    await expect(one('name', minute).consume('key')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: expect.stringMatching(/^Too many attempts\. Try again in (60|59) seconds\.$/),
    })
    for (const limiter of [one('name', minute), stranger('name', minute), two('another name', minute)])
      await limiter.consume('another key', 3)
    await stranger('name', minute).consume('key')
    await two('another name', minute).consume('key')
  })

  it('lets exactly as many through when hundreds come at once from several processes', async () => {
    await using bench = await openBench()
    const limiters = await Promise.all([bench.open(), bench.open(), bench.open()])
    const limit = { attempts: 50, seconds: 60 }
    expect(
      await letThrough(
        limiters.map((open) => open('name', limit)),
        100,
      ),
    ).toBe(50)
  })

  it('forgets a key everywhere on request, and by itself when its time is over', async () => {
    await using bench = await openBench()
    const [one, two] = [(await bench.open())('name', minute), (await bench.open())('name', minute)]
    await one.consume('key', 3)
    await two.reset('key')
    await two.reset('never seen')
    await one.consume('key', 3)
    await expect(two.consume('key')).rejects.toMatchObject(refused)
    const short = (await bench.open())('short', { attempts: 1, seconds: 1 })
    await short.consume('key')
    await expect(short.consume('key')).rejects.toMatchObject({ retryAfterSeconds: 1 })
    await eventually(() =>
      short.consume('key').then(
        () => true,
        () => false,
      ),
    )
  })

  it('counts what costs a part of an attempt, and a great many', async () => {
    await using bench = await openBench()
    const limiter = (await bench.open())('name', { attempts: 1_000_000_000, seconds: 60 })
    await limiter.consume('key', 333_333_333.3)
    await limiter.consume('key', 333_333_333.3)
    await expect(limiter.consume('key', 333_333_334)).rejects.toMatchObject(refused)
  })

  it('tells Redis no key, bounds its length, and leaves none without an end', async () => {
    await using bench = await openBench()
    const limiter = (await bench.open())('name', minute)
    await limiter.consume('somebody@example.com')
    await limiter.consume('x'.repeat(100_000))
    const keys = (await bench.server.command('keys', '*')) as string[] // what KEYS answers
    expect(keys).toHaveLength(2)
    // Who knows an address cannot look for it.
    expect(keys.some((key) => key.endsWith(sha256('somebody@example.com')))).toBe(false)
    for (const key of keys) {
      expect(key).toMatch(/^millrace:store:limit:name:[\w-]{43}$/)
      expect(await bench.server.command('ttl', key)).toBeGreaterThan(50)
    }
  })

  it.each([
    ['killed', ({ server }: Bench) => server.kill(), ({ server }: Bench) => server.restart()],
    ['frozen', async ({ server }: Bench) => server.freeze(), async ({ server }: Bench) => server.thaw()],
  ])('counts in each process by itself while Redis is %s, and together again after that', async (_how, hurt, heal) => {
    await using bench = await openBench()
    const limiters = [(await bench.open())('name', minute), (await bench.open())('name', minute)]
    await hurt(bench)
    expect(await letThrough(limiters, 5)).toBe(6)
    for (const limiter of limiters) {
      await limiter.reset('key')
      await limiter.consume('key', 3)
      await expect(limiter.consume('key')).rejects.toMatchObject(refused)
    }
    await heal(bench)
    const [one, two] = limiters
    let round = 0
    await eventually(async () => {
      round += 1
      await one?.consume(`round ${round}`, 3)
      return (
        (await two?.consume(`round ${round}`).then(
          () => false,
          () => true,
        )) === true
      )
    }, 12_000)
  })

  it('is not held up by a frozen Redis more than once in a while', async () => {
    await using bench = await openBench()
    const limiter = (await bench.open())('name', { attempts: 1000, seconds: 60 })
    bench.server.freeze()
    await limiter.consume('key')
    const asked = await Promise.race([
      Promise.all(Array.from({ length: 100 }, () => limiter.consume('key'))),
      // No timer of a wait for Redis can be over before.
      new Promise((resolve) => setImmediate(resolve, 'waits')),
    ])
    expect(asked).toHaveLength(100)
  })

  it('goes on counting when Redis has forgotten everything, its scripts too', async () => {
    await using bench = await openBench()
    const limiter = (await bench.open())('name', minute)
    await limiter.consume('key', 3)
    await bench.server.command('flushall')
    await bench.server.command('script', 'flush')
    await limiter.consume('key', 3)
    await expect(limiter.consume('key')).rejects.toMatchObject(refused)
    expect(await bench.server.command('dbsize')).toBe(1)
  })
})
