import { describe, expect, it } from 'vitest'
import { localOpenCounts } from '../../../../src/adapters/local/local-open-counts.ts'
import { memoryRateLimiter } from '../../../../src/adapters/local/memory-rate-limiter.ts'
import { RateLimitedError } from '../../../../src/core/errors.ts'
import { anonymous } from '../../../../src/core/principal.ts'
import { createStreamLimits } from '../../../../src/server/streams/stream-limits.ts'
import { somebody } from '../../../support/principals.ts'

const limits = (perUser: number, perNetwork: number, characters = 100_000) =>
  createStreamLimits({
    perUser,
    perNetwork,
    replay: memoryRateLimiter({ attempts: characters, seconds: 60 }),
    counts: localOpenCounts(),
  })

const ada = { principal: somebody({ userId: 'ada' }), ip: '192.0.2.1' }
const tooMany = { code: 'TOO_MANY_STREAMS', status: 429 }

describe('the limits of streams', () => {
  it('let in as many of a user as there may be, from wherever, and again when one has left', async () => {
    const { admit } = limits(2, 100)
    const first = await admit(ada)
    await admit({ ...ada, ip: '198.51.100.1' })
    await expect(admit(ada)).rejects.toMatchObject({ ...tooMany, details: { limit: 2 } })
    await admit({ ...ada, principal: somebody({ userId: 'grace' }) })
    first.leave()
    first.leave()
    await admit(ada)
    await expect(admit(ada)).rejects.toMatchObject(tooMany)
  })

  it('count an address with its network, those who are known and those who are not each', async () => {
    const { admit } = limits(100, 2)
    await admit(ada)
    await admit({ principal: somebody({ userId: 'grace' }), ip: '192.0.2.200' })
    await expect(admit({ principal: somebody({ userId: 'grace' }), ip: '192.0.2.9' })).rejects.toMatchObject(tooMany)
    await admit({ principal: anonymous, ip: '192.0.2.77' })
    await admit({ principal: anonymous, ip: '192.0.2.78' })
    await expect(admit({ principal: anonymous, ip: '192.0.2.9' })).rejects.toMatchObject(tooMany)
    await admit({ principal: anonymous, ip: '2001:db8::1' })
  })

  it('let nobody past who comes at the same time', async () => {
    const { admit } = limits(5, 100)
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => admit(ada)))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  })

  it('count what was refused by nobody', async () => {
    const { admit } = limits(1, 1)
    const only = await admit(ada)
    await expect(admit({ ...ada, principal: somebody({ userId: 'grace' }) })).rejects.toMatchObject(tooMany)
    only.leave()
    await admit({ ...ada, principal: somebody({ userId: 'grace' }) })
  })

  it('make wait who has read too much of the past, and nobody else', async () => {
    const { admit } = limits(100, 100)
    const admission = await admit(ada)
    admission.replayed(50_000)
    await admit(ada)
    admission.replayed(50_000)
    await expect(admit(ada)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) })
    await admit({ ...ada, principal: somebody({ userId: 'grace' }) })
    const stranger = await admit({ principal: anonymous, ip: '203.0.113.5' })
    stranger.replayed(500_000)
    await expect(admit({ principal: anonymous, ip: '203.0.113.6' })).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('count sockets by themselves', async () => {
    const { admit, admitSocket } = limits(100, 2)
    const first = await admitSocket('192.0.2.1')
    await admitSocket('192.0.2.2')
    await expect(admitSocket('192.0.2.3')).rejects.toMatchObject(tooMany)
    await admit(ada)
    first()
    first()
    await admitSocket('192.0.2.3')
    await expect(admitSocket('192.0.2.4')).rejects.toMatchObject(tooMany)
  })

  it('say how many there are, and how long to wait, one of each in the singular', async () => {
    const sentence = (whoHas: string) => `${whoHas} open, which is as many as are allowed; end one first.`
    for (const [limit, streams, sockets] of [
      [1, '1 stream', '1 WebSocket'],
      [2, '2 streams', '2 WebSockets'],
    ] as const) {
      const [own, crowded] = [limits(limit, 100), limits(100, limit)]
      for (let count = 0; count < limit; count += 1) {
        await own.admit(ada)
        await crowded.admit(ada)
        await crowded.admitSocket(ada.ip)
      }
      const details = { limit, retryAfterSeconds: 5 }
      await expect(own.admit(ada)).rejects.toMatchObject({ message: sentence(`You have ${streams}`), details })
      const network = sentence(`Your network has ${streams}`)
      await expect(crowded.admit(ada)).rejects.toMatchObject({ message: network, details })
      await expect(crowded.admitSocket(ada.ip)).rejects.toThrow(sentence(`Your network has ${sockets}`))
    }
    const what = 'opened as many streams, or had as much of the past sent again, as is allowed'
    for (const [seconds, wait] of [
      [1, 'wait 1 second.'],
      [12, 'wait 12 seconds.'],
    ] as const) {
      const replay = {
        consume: () => Promise.reject(new RateLimitedError('Too many attempts.', seconds)),
        reset: () => Promise.resolve(),
      }
      const { admit } = createStreamLimits({ perUser: 1, perNetwork: 1, replay, counts: localOpenCounts() })
      const refusal = { code: 'RATE_LIMITED', retryAfterSeconds: seconds }
      await expect(admit(ada)).rejects.toMatchObject({ ...refusal, message: `You have ${what}; ${wait}` })
      const stranger = { principal: anonymous, ip: null }
      await expect(admit(stranger)).rejects.toMatchObject({ ...refusal, message: `Your network has ${what}; ${wait}` })
    }
  })

  it('do not take a limiter that fails for one that refuses', async () => {
    const replay = { consume: () => Promise.reject(new Error('It is broken.')), reset: () => Promise.resolve() }
    await expect(
      createStreamLimits({ perUser: 1, perNetwork: 1, replay, counts: localOpenCounts() }).admit(ada),
    ).rejects.toThrow('It is broken.')
  })
})
