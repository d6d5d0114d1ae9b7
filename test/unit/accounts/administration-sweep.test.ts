import { describe, expect, it } from 'vitest'
import { createAccountsSweep } from '../../../src/services/accounts/administration/sweep-accounts.ts'
import { newOneTimeToken } from '../../../src/services/accounts/one-time-token.ts'
import { failureMemoryMs } from '../../../src/services/accounts/limits/credential-failures.ts'
import { client, day, testPolicy } from './open-accounts.ts'
import { openPeople } from './open-people.ts'
import { auditLines } from './stored-facts.ts'

async function openSwept(auditKeepMs = 400 * day) {
  const test = await openPeople()
  const sweep = createAccountsSweep({ ...test, policy: { ...testPolicy, auditKeepMs } })
  return { ...test, sweep }
}

describe('the sweep of accounts', () => {
  it('removes one-time tokens a day after they have expired', async () => {
    await using test = await openSwept()
    const { invite } = await test.accounts.createInvite(
      { email: null, roles: ['user'], expiresInHours: 1 },
      client,
      test.root.principal,
    )
    const find = () => test.store.read(({ oneTimeTokens }) => oneTimeTokens.find(invite.id))
    test.clock.advance(day + 3_600_000)
    await test.sweep()
    expect(await find()).not.toBeNull()
    test.clock.advance(1)
    await test.sweep()
    expect(await find()).toBeNull()
  })

  it('removes a great number in portions', async () => {
    await using test = await openSwept()
    const facts = { purpose: 'PASSWORD_RESET', userId: test.ada.id, now: test.clock.now(), lifetimeMs: 1 } as const
    const records = Array.from({ length: 1200 }, () => newOneTimeToken(facts).record)
    await test.store.write(async ({ oneTimeTokens }) => {
      for (const record of records) await oneTimeTokens.insert(record)
    })
    test.clock.advance(2 * day)
    await test.sweep()
    const left = await test.store.read(async ({ oneTimeTokens }) => {
      const found = await Promise.all(records.map(({ id }) => oneTimeTokens.find(id)))
      return found.filter((record) => record !== null).length
    })
    expect(left).toBe(0)
  })

  it('forgets failures that are so old that they count no more', async () => {
    await using test = await openSwept()
    const count = { failures: 3, lastAt: test.clock.now(), blockedUntil: 0 }
    await test.store.write(({ attempts }) => attempts.set('somebody', count))
    const find = () => test.store.read(({ attempts }) => attempts.find('somebody'))
    test.clock.advance(failureMemoryMs)
    await test.sweep()
    expect(await find()).toEqual(count)
    test.clock.advance(1)
    await test.sweep()
    expect(await find()).toBeNull()
  })

  it('keeps sessions that have ended for thirty days, and living ones', async () => {
    await using test = await openSwept()
    const { sessionId } = test.ada.principal
    await test.accounts.signOut(test.ada.principal, client)
    const find = (id: string | null) => test.store.read(({ accounts }) => accounts.findSession(id ?? ''))
    test.clock.advance(30 * day)
    await test.sweep()
    expect(await find(sessionId)).not.toBeNull()
    test.clock.advance(1)
    await test.sweep()
    expect(await find(sessionId)).toBeNull()
    expect(await find(test.root.principal.sessionId)).not.toBeNull()
  })

  it('keeps API keys that were revoked for thirty days, and living ones', async () => {
    await using test = await openSwept()
    const [living, revoked] = [await test.createKey(test.ada), await test.createKey(test.ada)]
    await test.accounts.revokeApiKey(revoked.apiKey.id, client, test.ada.principal)
    const find = (id: string) => test.store.read(({ apiKeys }) => apiKeys.find(id))
    test.clock.advance(30 * day)
    await test.sweep()
    expect(await find(revoked.apiKey.id)).not.toBeNull()
    test.clock.advance(1)
    await test.sweep()
    expect(await find(revoked.apiKey.id)).toBeNull()
    expect(await find(living.apiKey.id)).not.toBeNull()
  })

  it('keeps the audit log as long as the operator asks for', async () => {
    await using test = await openSwept(7 * day)
    test.clock.advance(7 * day)
    const { email } = test.ada
    await test.signIn({ email })
    await test.sweep()
    expect(await auditLines(test.store)).toHaveLength(5)
    test.clock.advance(1)
    await test.sweep()
    expect((await auditLines(test.store)).map(({ event }) => event)).toEqual(['SIGNED_IN'])
  })
})
