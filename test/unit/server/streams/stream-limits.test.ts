import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../../src/adapters/local/memory-rate-limiter.ts'
import { anonymous } from '../../../../src/core/principal.ts'
import { createStreamLimits } from '../../../../src/server/streams/stream-limits.ts'
import { somebody } from '../../../support/principals.ts'

const limits = (perUser: number, perNetwork: number, characters = 1_000) =>
  createStreamLimits({ perUser, perNetwork, replay: memoryRateLimiter({ attempts: characters, seconds: 60 }) })

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

  it('count an address with its network, whoever is behind it', async () => {
    const { admit } = limits(100, 3)
    await admit(ada)
    await admit({ principal: anonymous, ip: '192.0.2.77' })
    await admit({ principal: somebody({ userId: 'grace' }), ip: '192.0.2.200' })
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
    admission.replayed(600)
    await admit(ada)
    admission.replayed(600)
    await expect(admit(ada)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) })
    await admit({ ...ada, principal: somebody({ userId: 'grace' }) })
    const stranger = await admit({ principal: anonymous, ip: '203.0.113.5' })
    stranger.replayed(5_000)
    await expect(admit({ principal: anonymous, ip: '203.0.113.6' })).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('count sockets by themselves', async () => {
    const { admit, admitSocket } = limits(100, 2)
    const first = admitSocket('192.0.2.1')
    admitSocket('192.0.2.2')
    expect(() => admitSocket('192.0.2.3')).toThrow(expect.objectContaining(tooMany))
    await admit(ada)
    first()
    first()
    admitSocket('192.0.2.3')
    expect(() => admitSocket('192.0.2.4')).toThrow(expect.objectContaining(tooMany))
  })
})
